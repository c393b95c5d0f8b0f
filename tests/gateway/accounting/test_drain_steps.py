"""If these fail, the drain costs more than what it moves: a transaction for nothing, or one for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from gateway.accounting.drain import Drain
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.accounting.tables import UNDER_WAY
from tests.gateway.accounting.samples import NOON, intent, settlement

LATER: Final = NOON + 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, "w0", fsync=False, clock=lambda: NOON)
    yield journal
    journal.close()


def under_way(ledger: Ledger) -> set[str]:
    with ledger.reading() as connection:
        return set(connection.execute(select(UNDER_WAY.c.attempt_id)).scalars())


class Counting(Ledger):
    """How often it was asked where the journals were left."""

    asked = 0

    def positions(self) -> dict[str, int]:
        self.asked += 1
        return super().positions()


def test_no_database_is_asked_when_nothing_was_written(folder: Path, journal: Journal, url: str) -> None:
    ledger = Counting.open(url)
    drain = Drain(folder, lambda: ledger, lambda: LATER)
    journal.intent(intent())
    assert [drain.step() for _ in range(3)] == [1, 0, 0]
    assert ledger.asked == 1
    journal.settled(settlement())
    assert [drain.step() for _ in range(3)] == [1, 0, 0]
    assert ledger.asked == 2
    journal.close()
    drain.step()
    assert list(folder.glob("*.journal")) == []
    ledger.close()


class Busy(Ledger):
    """A worker writes another line whenever some are applied."""

    write: Callable[[], None]
    applied = 0

    def apply(self, *rows: Any, **settings: Any) -> None:
        self.applied += 1
        assert self.applied < 5, "a step that follows the worker has no end"
        self.write()
        super().apply(*rows, **settings)


def test_what_is_written_while_a_step_goes_on_is_of_the_next(folder: Path, journal: Journal, url: str) -> None:
    """Else a busy worker had a transaction for each line."""
    ledger = Busy.open(url)
    names = iter(range(100))
    ledger.write = lambda: journal.intent(intent(f"later{next(names)}"))
    drain = Drain(folder, lambda: ledger, lambda: LATER)
    journal.intent(intent("a1"))
    journal.intent(intent("a2"))
    assert (drain.step(), ledger.applied) == (2, 1)
    assert (drain.step(), ledger.applied) == (1, 2)
    assert under_way(ledger) == {"a1", "a2", "later0"}
    ledger.close()
