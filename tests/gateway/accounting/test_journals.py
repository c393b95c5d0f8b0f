"""If these fail, what was spent waits in a journal for nobody, or a gateway that serves nothing loads a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.journal import Journal
from gateway.accounting.journals import Journals, worker_of
from tests.gateway.accounting.samples import NOON, intent, settlement


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path / "journal")


def opened(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal", "w.1", fsync=False, clock=lambda: NOON)


def read(journals: Journals) -> dict[str, int]:
    return {name: journals.size(name) for name in journals.names()}


def test_no_directory_and_no_line_are_no_news(tmp_path: Path, journals: Journals) -> None:
    assert journals.names() == []
    assert not journals.has_news({})
    journal = opened(tmp_path)
    assert len(journals.names()) == 1
    assert not journals.has_news({})
    journal.close()  # it has ended, and never wrote a line
    assert not journals.has_news({})


def test_every_line_is_news_until_it_is_read(tmp_path: Path, journals: Journals) -> None:
    journal = opened(tmp_path)
    journal.intent(intent())
    assert journals.has_news({})
    before = read(journals)
    assert not journals.has_news(before)
    journal.settled(settlement())
    assert journals.has_news(before)
    journal.close()


def test_the_end_of_a_worker_is_news(tmp_path: Path, journals: Journals) -> None:
    """What it left open must be settled as abandoned."""
    journal = opened(tmp_path)
    journal.intent(intent())
    known = read(journals)
    journal.close()
    assert journals.has_news(known)


def test_the_end_of_a_worker_whose_lines_are_all_in_files_that_are_gone_is_news(
    tmp_path: Path, journals: Journals
) -> None:
    journal = opened(tmp_path)
    journal.intent(intent())
    journal.rotate()
    (tmp_path / "journal" / journals.names()[0]).unlink()  # as the drain does
    known = read(journals)
    assert list(known.values()) == [0]
    assert not journals.has_news(known)
    journal.close()
    assert journals.has_news(known)


def test_files_are_told_apart_by_the_life_of_their_worker(tmp_path: Path, journals: Journals) -> None:
    journal = opened(tmp_path)
    journal.intent(intent())
    journal.rotate()
    first, second = journals.names()
    assert worker_of(first) == worker_of(second)
    assert first < second
    journal.close()


def test_what_is_no_journal_is_left_alone(tmp_path: Path, journals: Journals) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    (directory / "aside.lines").write_text("x")
    (directory / "of-somebody.journal").write_text("x")
    assert journals.names() == ["of-somebody.journal"]
    assert journals.has_news({})


def test_the_dead_are_those_who_left_something_and_hold_nothing(tmp_path: Path, journals: Journals) -> None:
    assert journals.dead() == set()
    living, dead, silent = (
        Journal(tmp_path / "journal", name, fsync=False, clock=lambda: NOON) for name in ("one", "two", "three")
    )
    for journal in (living, dead):
        journal.intent(intent())
        journal.rotate()
    assert journals.dead() == set()
    dead.close()
    silent.close()
    assert journals.dead() == {dead.identity}
    living.close()
    assert journals.dead() == {living.identity, dead.identity}


def test_all_that_waits_is_counted(tmp_path: Path, journals: Journals) -> None:
    assert journals.total() == 0
    journal = opened(tmp_path)
    journal.intent(intent())
    journal.rotate()
    journal.settled(settlement())
    journal.close()
    assert journals.total() == sum(file.stat().st_size for file in (tmp_path / "journal").iterdir()) > 0
