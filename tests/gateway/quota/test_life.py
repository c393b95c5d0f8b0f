"""If these fail, a worker tells others something else than what it has."""

from __future__ import annotations

from gateway.quota.ask import Held
from gateway.quota.life import KEPT_SECONDS, Life, newest
from tests.gateway.quota.harness import DAY, ME, NOON, Asks, day, spend, take
from tests.gateway.stores.harness import HandClock


def life() -> Life:
    return Life(ME, NOON, HandClock())


def asks(at: float = NOON) -> Asks:
    clock = HandClock()
    clock.now = at
    return Asks(clock)


def test_an_attempt_counts_once_in_a_slice_that_budgets_share() -> None:
    wanted = asks().of(spend(5, 10), spend(5, None, budget="soft"), spend(5, 10, day(whose="all"), budget="all"))
    assert newest(wanted) == {day().name: 5, day(whose="all").name: 5}


def test_it_holds_until_it_is_settled_and_no_longer() -> None:
    mine, wanted = life(), asks().of(take(3, 9), take(1, 9, "concurrent"), spend(5, 10))
    told: dict[str, None] = {}
    mine.changed.append(told)
    held = Held(wanted, mine.hold(wanted))
    assert (mine.owns[day().name].held, mine.open) == (5, 1)
    assert mine.settle(held, 2)
    assert not mine.settle(held, 2)
    assert (mine.owns[day().name].settled, mine.owns[day().name].held, mine.open) == (2, 0, 0)
    assert list(told) == [day().name]
    assert mine.release(held, 1)
    assert not mine.release(held, 1)
    assert mine.meters.rooms(wanted.takes)[0].remaining == 8


def test_who_takes_requests_alone_has_nothing_to_give_back() -> None:
    mine, wanted = life(), asks().of(take(1, 9, "requests"))
    assert not mine.release(Held(wanted, mine.hold(wanted)), None)


def test_the_ledger_is_asked_for_what_was_spent_between_its_birth_and_its_first_hold() -> None:
    mine = life()
    own = mine.own(day(), NOON + 60)
    before = mine.before(own)
    assert (before.start, before.end) == (NOON, NOON + 60)
    mine.hold(asks(NOON + 30).of(spend(1, 10)))  # it had waited until the ledger was asked
    assert mine.before(own).end == NOON + 30


def test_slices_are_kept_while_somebody_asks_for_them_or_something_is_held() -> None:
    mine = life()
    wanted = asks().of(spend(1, 10))
    held = Held(wanted, mine.hold(wanted))
    mine.own(day(1), NOON)
    mine.prune(NOON + DAY / 2 + KEPT_SECONDS + 1)
    assert set(mine.owns) == {day().name, day(1).name}
    mine.settle(held, 1)
    mine.prune(NOON + DAY / 2 + KEPT_SECONDS + 1)
    assert set(mine.owns) == {day(1).name}


def test_numbers_only_rise() -> None:
    mine = life()
    assert mine.next_number() == 1
    mine.skip_to(7)
    mine.skip_to(3)
    assert mine.next_number() == 8
