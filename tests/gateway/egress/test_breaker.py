"""If these fail, a broken deployment is asked first, or a mended one never again."""

from __future__ import annotations

from gateway.egress.breaker import FAILURES_TO_OPEN, LOADING_SECONDS, OPEN_SECONDS, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def up(breaker: Breaker) -> bool:
    return breaker.up  # asked anew each time: it changes with the clock


def test_it_opens_after_failures_in_a_row_and_lets_one_try_later() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.failed()
    assert up(breaker)
    breaker.failed()
    assert not up(breaker)
    clock.now += OPEN_SECONDS
    assert up(breaker)
    breaker.failed()
    assert not up(breaker)


def test_a_success_forgets_the_failures() -> None:
    breaker = Breaker(Clock())
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed()
    breaker.succeeded()
    assert up(breaker)
    breaker.failed()
    assert up(breaker)


def test_silence_may_be_loading_for_a_while() -> None:
    """Counted from the first request that was left without an answer, whoever asks meanwhile."""
    clock = Clock()
    breaker = Breaker(clock)
    asked = clock.now
    clock.now += 120
    assert breaker.may_be_loading(asked)
    clock.now = asked + LOADING_SECONDS - 1
    assert breaker.may_be_loading(clock.now - 1)
    clock.now += 1
    assert not breaker.may_be_loading(clock.now - 1)
    breaker.succeeded()
    assert breaker.may_be_loading(clock.now - 1)
