"""Breaker: a dead server must cost next to nothing, and a live one must be used again."""

from __future__ import annotations

from gateway.stores.breaker import FIRST_PAUSE, LONGEST_PAUSE, Breaker
from tests.gateway.stores.harness import HandClock


def broken() -> tuple[Breaker, HandClock]:
    clock = HandClock()
    breaker = Breaker(clock)
    assert breaker.allow()
    assert breaker.failure()
    return breaker, clock


def test_closed_it_lets_everything_through() -> None:
    breaker = Breaker(HandClock())
    assert all(breaker.allow() for _ in range(10))
    assert not breaker.success()
    assert not breaker.is_open


def test_open_it_lets_nothing_through() -> None:
    breaker, clock = broken()
    clock.now += FIRST_PAUSE * 0.99
    assert not breaker.allow()
    assert breaker.is_open


def test_after_the_pause_one_call_tries_and_the_others_do_not_wait_for_it() -> None:
    breaker, clock = broken()
    clock.now += FIRST_PAUSE
    assert breaker.allow()
    assert not breaker.allow()


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker, clock = broken()
    clock.now += FIRST_PAUSE
    assert breaker.allow()
    assert breaker.success()
    assert breaker.allow()
    assert breaker.allow()


def test_each_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker, clock = broken()
    pauses = []
    for _ in range(6):
        waited = 0.0
        while not breaker.allow():
            clock.now += 0.5
            waited += 0.5
        pauses.append(waited)
        assert not breaker.failure()  # it was open already
    assert pauses == [1.0, 2.0, 4.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_calls_that_were_under_way_do_not_lengthen_the_pause() -> None:
    breaker, clock = broken()
    for _ in range(100):
        assert not breaker.failure()
    clock.now += FIRST_PAUSE
    assert breaker.allow()


def test_a_probe_that_never_reports_does_not_keep_it_open_for_ever() -> None:
    breaker, clock = broken()
    clock.now += FIRST_PAUSE
    assert breaker.allow()
    clock.now += FIRST_PAUSE
    assert breaker.allow()


def test_after_closing_the_first_pause_is_short_again() -> None:
    breaker, clock = broken()
    clock.now += FIRST_PAUSE
    assert breaker.allow()
    breaker.failure()
    clock.now += 2 * FIRST_PAUSE
    assert breaker.allow()
    breaker.success()
    breaker.failure()
    clock.now += FIRST_PAUSE
    assert breaker.allow()
