"""Attempts that a machine works on at the same time must not each be charged for all of its time."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.sharing import Machine, Share, Stay


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_alone_is_charged_for_all_of_its_time() -> None:
    clock = Clock()
    machine = Machine(clock)
    stay = machine.begin()
    clock.now += 1.5
    assert machine.end(stay) == Share(Decimal("1.5"), None)


def test_while_two_are_there_each_is_charged_for_half() -> None:
    clock = Clock()
    machine = Machine(clock)
    first = machine.begin()
    clock.now += 1
    second = machine.begin()
    clock.now += 4
    assert machine.end(first).seconds == 3  # 1 alone and half of 4
    clock.now += 1
    assert machine.end(second).seconds == 3
    assert not machine.is_busy


def test_idle_time_is_charged_to_nobody() -> None:
    clock = Clock()
    machine = Machine(clock)
    machine.end(machine.begin())
    clock.now += 3600
    stay = machine.begin()
    clock.now += 1
    assert machine.end(stay).seconds == 1


def test_a_clock_that_goes_back_earns_nothing() -> None:
    clock = Clock()
    machine = Machine(clock)
    stay = machine.begin()
    clock.now -= 60
    assert machine.end(stay).seconds == 0


STEPS = st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.integers(0, 100)), max_size=40)


@given(STEPS)
def test_all_together_are_charged_for_as_long_as_it_was_busy(steps: list[tuple[float, bool, int]]) -> None:
    clock = Clock()
    machine = Machine(clock)
    machine.draws(10.0)
    there: list[Stay] = []
    busy, charged, drawn = 0.0, Decimal(0), Decimal(0)

    def leave(which: int) -> None:
        nonlocal charged, drawn
        share = machine.end(there.pop(which % len(there)))
        charged += share.seconds
        drawn += share.joules or 0

    for wait, comes, which in steps:
        before, clock.now = clock.now, clock.now + wait
        busy += (clock.now - before) if there else 0
        if comes or not there:
            there.append(machine.begin())
        else:
            leave(which)
    while there:
        leave(0)
    assert abs(float(charged) - busy) < 1e-6
    assert charged <= Decimal(busy) + Decimal("1e-9")
    assert abs(drawn - 10 * charged) < Decimal("1e-9")


def test_what_is_drawn_is_shared_as_the_time_is() -> None:
    clock = Clock()
    machine = Machine(clock)
    machine.draws(100.0)
    first = machine.begin()
    clock.now += 1
    machine.draws(300.0)
    second = machine.begin()
    clock.now += 2
    assert machine.end(first) == Share(Decimal(2), Decimal(400))  # 1 s × 100 W, half of 2 s × 300 W
    assert machine.end(second) == Share(Decimal(1), Decimal(300))


def test_it_says_when_it_is_no_more_idle() -> None:
    woken = []
    machine = Machine(Clock())
    machine.on_busy = lambda: woken.append(1)
    first, second = machine.begin(), machine.begin()
    assert len(woken) == 1
    machine.end(first)
    machine.end(second)
    machine.begin()
    assert len(woken) == 2
