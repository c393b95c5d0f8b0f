"""If these fail, a strict operator's gateway goes on spending what it cannot pass on, or refuses for no reason."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.journal import Journal
from gateway.accounting.record import Declined
from gateway.accounting.spool import LOOK_SECONDS, Spool, spool_of
from gateway.config.books import Ledger
from tests.gateway.accounting.samples import NOON, intent, settlement

MOST = 600  # bytes, about three lines


class Steady:
    """Each reading takes `cost` seconds."""

    def __init__(self) -> None:
        self.now, self.cost = 100.0, 0.0

    def __call__(self) -> float:
        self.now += self.cost
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def journal(tmp_path: Path, steady: Steady) -> Iterator[Journal]:
    spool = Spool(tmp_path, MOST, steady)
    journal = Journal(tmp_path, "w0", fsync=False, clock=lambda: NOON, file_bytes=2 * MOST, spool=spool)
    yield journal
    journal.close()


def filled(journal: Journal, steady: Steady) -> None:
    for number in range(4):
        journal.intent(intent(f"a{number}"))
    steady.now += LOOK_SECONDS


def lines(folder: Path) -> int:
    return sum(len(file.read_bytes().splitlines()) for file in folder.glob("*.journal"))


def test_nothing_new_is_begun_once_it_is_full(journal: Journal, steady: Steady, tmp_path: Path) -> None:
    filled(journal, steady)
    hit = replace(settlement("b1"), outcome="hit")
    with pytest.raises(JournalUnavailable, match="not made") as refusal:
        journal.intent(intent("b1"))
    assert (refusal.value.status, refusal.value.code) == (503, "ledger_unavailable")
    with pytest.raises(JournalUnavailable):
        journal.declined(Declined(intent("b1"), "blocked"))
    with pytest.raises(JournalUnavailable):
        journal.settled(hit)
    assert lines(tmp_path) == 4


def test_what_was_begun_is_settled_all_the_same(journal: Journal, steady: Steady, tmp_path: Path) -> None:
    filled(journal, steady)
    journal.settled(settlement("a0"))
    assert lines(tmp_path) == 5


def test_there_is_room_again_when_the_ledger_has_taken_it(
    journal: Journal, steady: Steady, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled(journal, steady)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with pytest.raises(JournalUnavailable):
                journal.intent(intent("b1"))
            steady.now += LOOK_SECONDS
        journal.rotate()
        for file in sorted(tmp_path.glob("*.journal"))[:-1]:
            file.unlink()
        journal.intent(intent("b1"))
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]  # and not one for each request


def test_files_of_others_count(steady: Steady, tmp_path: Path) -> None:
    spool = Spool(tmp_path, MOST, steady)
    assert not spool.is_full()
    (tmp_path / "w1.1.host.1.000001.journal").write_bytes(b"x" * MOST)
    (tmp_path / "aside.lines").write_bytes(b"x" * MOST)
    steady.now += LOOK_SECONDS
    assert spool.is_full()


def test_it_looks_once_in_a_while(steady: Steady, tmp_path: Path) -> None:
    spool = Spool(tmp_path, MOST, steady)
    assert not spool.is_full()
    (tmp_path / "w1.1.host.1.000001.journal").write_bytes(b"x" * MOST)
    steady.now += LOOK_SECONDS * 0.99
    assert not spool.is_full()
    steady.now += LOOK_SECONDS * 0.01
    assert spool.is_full()


def test_a_look_that_takes_long_is_not_taken_often(steady: Steady, tmp_path: Path) -> None:
    """Thousands of files, on a slow disk: for requests it is a hundredth of the time at the most."""
    spool = Spool(tmp_path, MOST, steady)
    steady.cost = 0.5
    assert not spool.is_full()
    steady.cost = 0.0
    (tmp_path / "w1.1.host.1.000001.journal").write_bytes(b"x" * MOST)
    steady.now += 48.0
    assert not spool.is_full()
    steady.now += 2.0
    assert spool.is_full()


def test_without_a_directory_nothing_waits(steady: Steady, tmp_path: Path) -> None:
    assert not Spool(tmp_path / "none", MOST, steady).is_full()


def test_it_is_there_where_the_operator_wants_strictness(steady: Steady, tmp_path: Path) -> None:
    assert spool_of(Ledger(), tmp_path, steady) is None
    assert spool_of(Ledger(when_full="refuse"), tmp_path, steady) is not None
