"""If these fail, records stay longer than they may, or go too early, or what retention removed looks like a crime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gateway.accounting.audit import retention
from gateway.accounting.audit.replica import kept_mark
from gateway.accounting.audit.retention import ALONE_SECONDS
from gateway.accounting.audit.tables import ANCHORS, BLOCKS
from gateway.accounting.chunk import time_of
from gateway.accounting.drain import CLEAR_UP_SECONDS
from gateway.accounting.ledger import Ledger
from tests.gateway.accounting.audit import tamper
from tests.gateway.accounting.audit.site import DAY, Site, Undo, found, kept, stated, verdict

MONTH = 30 * DAY


@pytest.fixture
def site(tmp_path: Path, ledger: Ledger) -> Iterator[Site]:
    opened = Site(tmp_path / "one", ledger, retention=MONTH)
    yield opened
    opened.close()


def numbers(ledger: Ledger) -> list[int]:
    return [one.number for _, one in kept(ledger)]


def test_what_is_older_goes_and_the_rest_is_intact(site: Site) -> None:
    site.write("w0", ["sent", "sent"])
    site.move()
    site.now += 20 * DAY
    site.write("w0", ["sent", "declined", "hit"])
    site.move()
    assert site.drain.clear_up() == 0
    site.now += 15 * DAY
    assert site.drain.clear_up() == 2
    assert numbers(site.ledger) == [3, 4, 5]
    found = verdict(site.ledger)
    assert (found.records, list(found.cut.values())) == (3, [2])
    site.write("w0", ["sent"])
    site.move()
    assert verdict(site.ledger).records == 4


def test_a_block_stays_until_all_of_it_is_too_old(site: Site) -> None:
    site.write("w0", ["sent"])
    site.now += 250
    site.write("w0", ["sent"])
    site.move()
    assert stated(site.ledger) == [(1, "records")]
    site.now += MONTH - 100
    assert site.drain.clear_up() == 0
    assert numbers(site.ledger) == [1, 2]
    site.now += CLEAR_UP_SECONDS
    assert site.drain.clear_up() == 2
    assert numbers(site.ledger) == []
    verdict(site.ledger)


def test_all_that_is_left_of_a_dead_worker_is_nothing(site: Site) -> None:
    site.write("w0", ["sent", "sent"])
    site.end("w0")
    site.move()
    site.now += 2 * MONTH
    assert site.drain.clear_up() == 2
    assert stated(site.ledger) == [(3, "pruned")]
    assert verdict(site.ledger).records == 0
    site.write("w0", ["sent"])
    site.move()
    assert verdict(site.ledger).records == 1


def test_a_worker_that_was_idle_for_long_goes_on_where_it_was(site: Site) -> None:
    site.write("w0", ["sent", "sent"])
    site.move()
    for _ in range(3):
        site.now += 2 * MONTH
        site.write("w1", ["sent"])
        site.move()
        site.drain.clear_up()
    site.write("w0", ["sent"])
    site.move()
    assert sorted(numbers(site.ledger)) == [3, 3]
    verdict(site.ledger)


def test_it_is_looked_at_once_an_hour(site: Site) -> None:
    site.write("w0", ["sent"])
    site.move()
    site.now += MONTH - 60
    assert site.drain.clear_up() == 0
    site.now += 120
    assert site.drain.clear_up() == 0
    site.now += CLEAR_UP_SECONDS
    assert site.drain.clear_up() == 1


def test_without_retention_nothing_goes(tmp_path: Path, ledger: Ledger) -> None:
    forever = Site(tmp_path / "one", ledger)
    forever.write("w0", ["sent"])
    forever.move()
    forever.now += 1000 * MONTH
    assert forever.drain.clear_up() == 0
    assert len(kept(ledger)) == 1
    forever.close()


def test_many_go_in_several_transactions(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CUT_RECORDS", 3)
    for _ in range(10):
        site.write("w0", ["sent"])
        site.move()
    site.now += 2 * MONTH
    site.write("w0", ["sent"])
    site.move()
    assert site.drain.clear_up() == 10
    assert numbers(site.ledger) == [11]
    verdict(site.ledger)


def test_who_is_gone_is_cleared_up_by_others_and_who_lives_is_not(site: Site, tmp_path: Path, ledger: Ledger) -> None:
    gone = Site(tmp_path / "gone", ledger)
    gone.write("w0", ["sent"])
    gone.close()
    gone.move()
    site.now += MONTH + ALONE_SECONDS
    lives = Site(tmp_path / "lives", ledger)
    lives.write("w0", ["sent"])
    lives.now = site.now
    lives.move()  # an old record, but it was written down today
    assert site.drain.clear_up() == 0  # no journals yet: nothing of its own
    site.write("w0", ["sent"])
    site.move()
    assert site.drain.clear_up() == 1
    assert len(kept(ledger)) == 2
    verdict(ledger)
    lives.close()


def test_who_was_taken_for_gone_comes_back(site: Site, tmp_path: Path, ledger: Ledger) -> None:
    idle = Site(tmp_path / "idle", ledger)
    idle.write("w0", ["sent", "sent"])
    idle.move()
    site.now += 2 * MONTH
    site.write("w0", ["sent"])
    site.move()
    assert site.drain.clear_up() == 2
    idle.now = site.now
    idle.write("w0", ["sent"])
    idle.move()
    assert "lost" not in [kind for _, kind in stated(ledger)]
    assert verdict(ledger).records == 2
    idle.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(["w0", "w1"]), st.integers(1, 3), st.booleans(), st.integers(0, 40)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.sampled_from(tamper.KINDS), st.data())
def test_whatever_was_removed_the_rest_holds_and_shows_what_is_done_to_it(
    ledger: Ledger,
    folders: Iterator[Path],
    steps: list[tuple[str, int, bool, int]],
    tampering: tamper.Tampering,
    data: st.DataObject,
) -> None:
    with ledger._database.writing() as connection:
        connection.execute(delete(BLOCKS))
        connection.execute(delete(ANCHORS))
    site = Site(next(folders), ledger, retention=MONTH)
    for worker, count, ends, days in steps:
        site.write(worker, ["sent"] * count)
        site.move()
        if ends:
            site.end(worker)
        site.now += days * DAY
        site.move()
        site.drain.clear_up()
    oldest = min((time_of(one.record) or 0.0 for _, one in kept(ledger)), default=site.now)
    assert oldest >= site.now - MONTH - CLEAR_UP_SECONDS - 100
    verdict(ledger)
    site.write("w0", ["sent"])
    site.close()
    site.move()
    verdict(ledger)
    with suppress(Undo), ledger._database.writing() as connection:
        if tampering(connection, data):
            assert found(connection, kept_mark(site.directory)) != []
        raise Undo
