"""If these fail, a minute has more in it than its limit, or less than it could."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.quota.window import SLOT_SECONDS, Window, slot_of

LIMIT = 100
_STEPS = st.lists(st.tuples(st.floats(0, 20), st.integers(1, 60), st.none() | st.integers(0, 60)), max_size=60)


@given(_STEPS)
def test_no_sixty_seconds_ever_see_more_than_the_limit_and_the_wait_is_no_longer_than_that(
    steps: list[tuple[float, int, int | None]],
) -> None:
    window, now, taken = Window(), 1000.0, list[tuple[float, int]]()
    for passed, amount, came_to in steps:
        now += passed
        window.move_to(slot_of(now))
        lacking = window.total + amount - LIMIT
        if lacking > 0:
            wait = window.room_in(lacking, now)
            recent = sum(amount for at, amount in taken if now - 60 - SLOT_SECONDS < at)
            assert recent + amount > LIMIT  # it was not refused for what is long over
            assert 0 < wait <= 60 + SLOT_SECONDS
            now += wait
            window.move_to(slot_of(now))
            assert window.total + amount <= LIMIT
        slot = slot_of(now)
        window.take(slot, amount)
        if came_to is not None and came_to < amount:
            window.correct(slot, came_to - amount)
            amount = came_to
        taken.append((now, amount))
        assert sum(amount for at, amount in taken if now - 60 < at) <= LIMIT


def test_what_is_left_comes_back_with_the_oldest_and_all_of_it_with_the_latest() -> None:
    window = Window()
    assert (window.more_in(1000.0), window.clear_in(1000.0)) == (0.0, 0.0)
    window.take(slot_of(1000.0), 5)
    window.take(slot_of(1030.0), 5)
    assert window.more_in(1030.0) == 32.0
    assert window.clear_in(1030.0) == 62.0
    window.correct(slot_of(1030.0), -5)
    assert window.clear_in(1030.0) == 32.0


def test_a_correction_of_what_counts_no_more_is_forgotten() -> None:
    window = Window()
    window.take(slot_of(1000.0), 5)
    window.move_to(slot_of(1062.0))
    assert window.total == 0
    window.correct(slot_of(1000.0), 7)
    assert window.total == 0


def test_more_than_there_is_never_comes() -> None:
    window = Window()
    window.take(slot_of(1000.0), 5)
    assert window.room_in(6, 1000.0) == float("inf")
