"""If these fail, a broken deployment is asked first, by everybody at once, or a mended one never again."""

from __future__ import annotations

import pytest

from gateway.config.retrying import Breaking
from gateway.egress.breaker import LOADING_SECONDS, MOST_DOUBLINGS, SPREAD, Breaker

SETTINGS = Breaking(failures=3, pause=10.0)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, SETTINGS)


def up(breaker: Breaker) -> bool:
    return breaker.up  # asked anew each time: it changes with the clock


def opened(breaker: Breaker) -> Breaker:
    for _ in range(SETTINGS.failures):
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_and_lets_one_try_later(breaker: Breaker, clock: Clock) -> None:
    for _ in range(SETTINGS.failures - 1):
        breaker.failed()
    assert up(breaker)
    breaker.failed()
    assert not up(breaker)
    clock.now += SETTINGS.pause
    assert up(breaker)
    breaker.asked()
    assert not up(breaker), "one has gone to try: the others go elsewhere"
    breaker.succeeded()
    assert up(breaker)


def test_its_own_settings_count(clock: Clock) -> None:
    breaker = Breaker(clock, Breaking(failures=1, pause=2.0))
    breaker.failed()
    assert not up(breaker)
    clock.now += 2.0
    assert up(breaker)


def test_each_try_that_fails_doubles_the_pause_up_to_a_bound(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    for doublings in (0, 1, 2, 3, 3, 3):
        clock.now += SETTINGS.pause * 2**doublings - 0.5
        assert not up(breaker), doublings
        clock.now += 0.5
        assert up(breaker), doublings
        breaker.asked()
        breaker.failed()
    assert breaker.doublings == MOST_DOUBLINGS
    breaker.succeeded()
    opened(breaker)
    clock.now += SETTINGS.pause
    assert up(breaker)


def test_what_fails_while_it_is_open_lengthens_nothing(breaker: Breaker, clock: Clock) -> None:
    """Those were on their way already, or had nowhere else to go."""
    opened(breaker)
    clock.now += SETTINGS.pause - 1
    breaker.asked()
    breaker.failed()
    clock.now += 1
    assert up(breaker)
    assert breaker.doublings == 0


def test_one_that_went_to_try_and_is_never_heard_of_again_holds_nobody_up_for_ever(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += SETTINGS.pause
    breaker.asked()
    clock.now += SETTINGS.pause
    assert up(breaker)


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 1 - SPREAD), (1.0, 1 + SPREAD)])
def test_pauses_are_not_all_of_one_length(clock: Clock, drawn: float, seconds: float) -> None:
    breaker = opened(Breaker(clock, SETTINGS, lambda: drawn))
    clock.now += SETTINGS.pause * seconds - 0.01
    assert not up(breaker)
    clock.now += 0.02
    assert up(breaker)


def test_an_answer_that_begins_lets_the_others_come_and_one_that_breaks_off_stops_them(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.now += SETTINGS.pause
    breaker.asked()
    breaker.began()
    assert up(breaker)
    breaker.failed()
    assert not up(breaker)


def test_a_success_forgets_the_failures(breaker: Breaker) -> None:
    opened(breaker).succeeded()
    assert up(breaker)
    breaker.failed()
    assert up(breaker)


def test_one_that_wants_to_be_left_alone_is_down_for_so_long_whoever_is_answered(
    breaker: Breaker, clock: Clock
) -> None:
    breaker.cool(7)
    assert not up(breaker)
    assert breaker.cool_for == 7
    breaker.cool(3)  # another request heard less
    breaker.succeeded()  # and an earlier one was answered
    assert breaker.cool_for == 7
    assert not breaker.is_well
    clock.now += 7
    assert up(breaker)
    assert breaker.cool_for == 0
    assert breaker.is_well


def test_what_can_be_reached_again_is_well_if_that_was_all(breaker: Breaker) -> None:
    for _ in range(SETTINGS.failures):
        breaker.failed(unreachable=True)
    breaker.seen(there=True)
    assert up(breaker)
    assert breaker.is_well


def test_what_can_be_reached_but_answers_nothing_right_stays_down(breaker: Breaker) -> None:
    opened(breaker).seen(there=True)
    assert not up(breaker)


def test_what_is_not_there_goes_down_without_a_request_and_is_not_tried_by_one(breaker: Breaker, clock: Clock) -> None:
    for _ in range(SETTINGS.failures):
        breaker.seen(there=False)
    assert not up(breaker)
    clock.now += SETTINGS.pause - 1
    breaker.seen(there=False)
    clock.now += 2
    assert not up(breaker)


def test_silence_may_be_loading_for_a_while(breaker: Breaker, clock: Clock) -> None:
    """Counted from the first request that was left without an answer, whoever asks meanwhile."""
    asked = clock.now
    clock.now += 120
    assert breaker.may_be_loading(asked)
    clock.now = asked + LOADING_SECONDS - 1
    assert breaker.may_be_loading(clock.now - 1)
    clock.now += 1
    assert not breaker.may_be_loading(clock.now - 1)
    breaker.succeeded()
    assert breaker.may_be_loading(clock.now - 1)
