"""A database that is full, locked or hangs: nothing is written by halves, and everything once when it is well again."""

from __future__ import annotations

import gc
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from gateway.accounting.audit.tables import BLOCKS
from gateway.accounting.drain import Drain
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.tables import ATTEMPTS, POSITIONS, UNDER_WAY
from tests.gateway.accounting.samples import NOON, intent, settlement
from tests.servers.postgres import PostgresServer

WAIT = 1.0  # seconds; in use it is a matter of 15
COUNT = 400


def noon() -> float:
    return NOON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, "w0", fsync=False, clock=noon)
    yield journal
    journal.close()


def written(journal: Journal) -> None:
    for number in range(COUNT):
        journal.intent(intent(f"a{number}"))
        journal.settled(settlement(f"a{number}"))
    journal.intent(intent("b1"))


def counts(ledger: Ledger) -> tuple[int, int, int, int]:
    """Rows of what has ended, of what is under way, of positions, and of the audit."""
    with ledger.reading() as connection:
        tables = (ATTEMPTS, UNDER_WAY, POSITIONS, BLOCKS)
        ended, begun, files, blocks = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        )
    return ended, begun, files, blocks


def moved_once(folder: Path, drain: Drain, ledger: Ledger) -> None:
    assert drain.step() == 2 * COUNT + 1
    assert counts(ledger)[:3] == (COUNT, 1, 1)
    assert drain.step() == 0
    assert not (folder / "aside.lines").exists()


def test_a_postgresql_that_is_full_takes_all_of_it_later(
    folder: Path, journal: Journal, postgres: PostgresServer
) -> None:
    ledger = Ledger.open(postgres.database())
    drain = Drain(folder, lambda: ledger, noon)
    written(journal)
    with ledger._database.writing() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
            )
        )
        connection.execute(text("CREATE TRIGGER full_disk BEFORE INSERT ON audit_blocks EXECUTE FUNCTION full_disk()"))
    for _ in range(2):
        with pytest.raises(LedgerUnavailable):
            drain.step()
        assert counts(ledger) == (0, 0, 0, 0)  # what could have been written is not there either
    with ledger._database.writing() as connection:
        connection.execute(text("DROP TRIGGER full_disk ON audit_blocks"))
    moved_once(folder, drain, ledger)
    ledger.close()


def test_a_sqlite_that_is_full_takes_all_of_it_later(folder: Path, journal: Journal, tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    drain = Drain(folder, lambda: ledger, noon)
    written(journal)
    with ledger.reading() as connection:  # the one that is used again
        connection.execute(text("PRAGMA max_page_count = 40"))
    with pytest.raises(LedgerUnavailable):
        drain.step()
    assert counts(ledger) == (0, 0, 0, 0)
    with ledger.reading() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    moved_once(folder, drain, ledger)
    ledger.close()


def test_a_sqlite_that_somebody_has_locked_is_not_waited_for_for_ever(
    folder: Path, journal: Journal, tmp_path: Path
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db", WAIT)
    drain = Drain(folder, lambda: ledger, noon)
    written(journal)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(LedgerUnavailable):
            drain.step()
        assert time.monotonic() - began < 5 * WAIT
        journal.intent(intent("b2"))  # who writes journals does not notice
        journal.settled(settlement("b2"))
        other.execute("ROLLBACK")
    assert drain.step() == 2 * COUNT + 3
    assert counts(ledger)[:3] == (COUNT + 1, 1, 1)
    ledger.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("is_connected", [True, False])
def test_a_postgresql_that_hangs_is_not_waited_for_for_ever(
    folder: Path, journal: Journal, own_postgres: PostgresServer, is_connected: bool
) -> None:
    url = own_postgres.database()
    Ledger.open(url).close()
    drain = Drain(folder, partial(Ledger.open, url, WAIT), noon)
    if is_connected:
        journal.intent(intent("a0"))
        assert drain.step() == 1
    written(journal)
    own_postgres.freeze_whole()
    try:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(LedgerUnavailable):
                drain.step()
            assert time.monotonic() - began < 5 * WAIT
    finally:
        own_postgres.thaw()
    ledger = Ledger.open(url)
    moved_once(folder, drain, ledger)
    ledger.close()
    drain.close()
    gc.collect()  # pg8000 leaves the socket of a failed handshake to the collector, which warns: now, not later
