"""If these fail, what was spent never reaches the ledger, or an idle gateway keeps a database library for nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.savings import account
from gateway.config.loaded import Loaded
from gateway.serving import draining
from gateway.serving.draining import Draining
from tests.gateway.accounting.samples import intent, settlement
from tests.gateway.serving.workers import children, loaded, until

CHILD = "gateway.serving.draining_child"


def journal_of(here: Loaded) -> Journal:
    return Journal(here.state_directory / "journal", "1", fsync=False, clock=time.time)


def spent(here: Loaded) -> Decimal | None:
    ledger = Ledger.open(here.ledger_url)
    try:
        return account(ledger, ("route",), Period()).total.spent
    finally:
        ledger.close()


def outcomes(here: Loaded) -> list[str]:
    """Read as anybody could, while others write."""
    try:
        connection = sqlite3.connect(here.state_directory / "ledger.db")
        rows = connection.execute("SELECT outcome FROM attempts ORDER BY attempt_id").fetchall()
        connection.close()
    except sqlite3.OperationalError:  # not made yet
        return []
    return [str(row[0]) for row in rows]


def audited(here: Loaded) -> int | None:
    """How many records there are."""
    try:
        with closing(sqlite3.connect(here.state_directory / "ledger.db")) as connection:
            (count,) = connection.execute("SELECT count(*) FROM audit_blocks").fetchone()
    except sqlite3.OperationalError:  # not made yet
        return None
    return int(count)


@asynccontextmanager
async def running(here: Loaded, say: Callable[[str], None] = print) -> AsyncIterator[Draining]:
    own = Draining(here, say)
    own.start()
    try:
        yield own
    finally:
        await own.finish()
    assert children(CHILD) == []


async def test_lines_move_while_the_gateway_runs_and_what_is_left_at_the_end(tmp_path: Path) -> None:
    here = loaded(tmp_path)
    async with running(here):
        journal = journal_of(here)
        journal.intent(intent("a1"))
        journal.settled(settlement("a1", cost=Decimal("0.25")))
        await until(lambda: outcomes(here) == ["ok"])
        journal.settled(settlement("a2", cost=Decimal("0.5")))
        journal.intent(intent("a3"))
        journal.close()
    assert outcomes(here) == ["ok", "ok", "abandoned"]
    assert spent(here) == Decimal("0.75")


async def test_its_process_goes_when_there_is_nothing_to_move_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "QUIET_SECONDS", 1)
    here = loaded(tmp_path)
    async with running(here) as own:
        journal = journal_of(here)
        assert not own.is_due  # no line, no process
        journal.settled(settlement("a1"))
        await until(lambda: outcomes(here) == ["ok"])
        await until(lambda: own.is_at_rest)
        assert children(CHILD) == []
        assert not own.is_due  # what was moved is no news
        journal.settled(settlement("a2"))
        await until(lambda: outcomes(here) == ["ok", "ok"])
        await until(lambda: own.is_at_rest)
        journal.intent(intent("a3"))
        journal.close()  # the worker dies
        await until(lambda: outcomes(here) == ["ok", "ok", "abandoned"])


async def test_one_that_is_killed_as_the_gateway_ends_is_followed_by_another(tmp_path: Path) -> None:
    """Else what it had left waits for the next start."""
    here = loaded(tmp_path)
    async with running(here):
        journal = journal_of(here)
        journal.intent(intent("a1"))
        await until(lambda: audited(here) == 1)
        (pid,) = children(CHILD)
        os.kill(pid, signal.SIGSTOP)  # it has not moved the next line
        journal.settled(settlement("a1"))
        journal.close()
        os.kill(pid, signal.SIGKILL)
    assert outcomes(here) == ["ok"]
    assert not list((here.state_directory / "journal").glob("*.journal"))


async def test_one_that_is_killed_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "RETRY_SECONDS", 0.01)
    here = loaded(tmp_path)
    said: list[str] = []
    async with running(here, said.append):
        journal = journal_of(here)
        journal.settled(settlement("a1"))
        await until(lambda: outcomes(here) == ["ok"])
        (process,) = children(CHILD)
        os.kill(process, signal.SIGKILL)
        journal.settled(settlement("a2"))
        await until(lambda: outcomes(here) == ["ok", "ok"])
        journal.close()
    assert said == ["the process that moves the journals into the ledger ended with status -9"]


async def test_a_ledger_that_is_away_does_not_hold_up_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    here = loaded(tmp_path, ledger={"url": "postgresql://u:secret@127.0.0.1:9/none"})
    async with running(here):
        journal = journal_of(here)
        journal.settled(settlement("a1"))
        journal.close()
    said = capfd.readouterr().err
    assert "the ledger is away" in said
    assert "secret" not in said
    assert list((here.state_directory / "journal").glob("*.journal")) != []  # kept until the next start


async def test_a_machine_that_starts_no_process_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "RETRY_SECONDS", 0.01)
    here = loaded(tmp_path)
    said: list[str] = []
    with monkeypatch.context() as broken:
        broken.setattr("sys.executable", "/nowhere/python")
        own = Draining(here, said.append)
        own.start()
        journal = journal_of(here)
        journal.settled(settlement("a1"))
        await until(lambda: len(said) > 1)
    await until(lambda: outcomes(here) == ["ok"])
    journal.close()
    await own.finish()
    assert "No such file" in said[0]


async def test_journals_that_cannot_be_looked_for_do_not_end_the_looking(tmp_path: Path) -> None:
    here = loaded(tmp_path)
    here.state_directory.mkdir()
    (here.state_directory / "journal").write_text("no directory")
    async with running(here) as own:
        assert own.is_due
        await until(lambda: bool(children(CHILD)))
        (here.state_directory / "journal").unlink()
        journal = journal_of(here)
        journal.settled(settlement("a1"))
        await until(lambda: outcomes(here) == ["ok"])
        journal.close()


async def test_what_is_older_than_it_may_be_goes_though_nothing_comes(tmp_path: Path) -> None:
    here = loaded(tmp_path)
    async with running(here):
        journal = journal_of(here)
        journal.intent(intent("a1"))  # of long ago
        await until(lambda: audited(here) == 1)
        journal.close()
    shorter = loaded(tmp_path, audit={"retention_days": 1})
    async with running(shorter) as own:
        await until(lambda: audited(shorter) == 0)
        assert not own.is_due


async def test_one_that_was_never_started_can_be_finished(tmp_path: Path) -> None:
    await Draining(loaded(tmp_path), print).finish()
