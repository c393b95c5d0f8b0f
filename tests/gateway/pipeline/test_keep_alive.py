"""If these fail, who waits gets no sign of life, or every request pays for a timer that it does not need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.pipeline.keep_alive import KeepAlive

SOON, LATE = 0.02, 60.0  # seconds


class Waiter:
    def __init__(self, rung: Callable[[int], object] = lambda _: None) -> None:
        """`rung` is told how often it rang."""
        self.due = 0.0
        self.rings = 0
        self._rung = rung

    def ring(self) -> None:
        self.rings += 1
        self._rung(self.rings)


async def test_who_waits_is_rung_again_and_again_until_it_is_removed() -> None:
    keep_alive, rung = KeepAlive(SOON), asyncio.Event()
    waiter = Waiter(lambda rings: rung.set() if rings == 3 else None)
    keep_alive.add(waiter)
    await asyncio.wait_for(rung.wait(), 5)
    keep_alive.remove(waiter)
    keep_alive.remove(waiter)
    later = asyncio.Event()
    keep_alive.add(Waiter(lambda rings: later.set() if rings == 2 else None))
    await asyncio.wait_for(later.wait(), 5)
    assert waiter.rings == 3


async def test_nobody_is_rung_before_its_time() -> None:
    keep_alive, rung = KeepAlive(SOON), asyncio.Event()
    loop = asyncio.get_running_loop()
    added = loop.time()
    keep_alive.add(Waiter(lambda _: rung.set()))
    await asyncio.wait_for(rung.wait(), 5)
    assert loop.time() - added >= SOON


async def test_who_is_rung_may_leave() -> None:
    keep_alive, rung = KeepAlive(SOON), asyncio.Event()
    leaving = Waiter(lambda _: keep_alive.remove(leaving))
    staying = Waiter(lambda rings: rung.set() if rings == 2 else None)
    keep_alive.add(leaving)
    keep_alive.add(staying)
    await asyncio.wait_for(rung.wait(), 5)
    assert leaving.rings == 1


async def test_all_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    keep_alive, rung = KeepAlive(SOON), asyncio.Event()
    waiters = [Waiter() for _ in range(50)]
    waiters.append(Waiter(lambda _: rung.set()))
    timers: list[float] = []
    call_at = loop.call_at

    def counted(when: float, *arguments: object) -> asyncio.TimerHandle:
        timers.append(when)
        return call_at(when, *arguments)  # type: ignore[arg-type]

    async with asyncio.timeout(5):
        monkeypatch.setattr(loop, "call_at", counted)
        for waiter in waiters:
            keep_alive.add(waiter)
        await rung.wait()
    monkeypatch.undo()
    assert len(timers) < 10  # one, and a few for those that came a little later
    assert all(waiter.rings for waiter in waiters)


async def test_where_nobody_waits_nothing_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    keep_alive, waiter = KeepAlive(SOON), Waiter()
    keep_alive.add(waiter)
    keep_alive.remove(waiter)  # earlier than the timer, which is left to ring
    armed = keep_alive._timer
    assert armed is not None
    monkeypatch.setattr(loop, "call_at", None)  # it would fail
    armed._run()
    assert keep_alive._timer is None
    assert waiter.rings == 0


async def test_a_timer_of_somebody_before_is_enough_for_who_comes_later() -> None:
    keep_alive = KeepAlive(LATE)
    first = Waiter()
    keep_alive.add(first)
    timer = keep_alive._timer
    keep_alive.remove(first)
    keep_alive.add(Waiter())
    assert keep_alive._timer is timer
