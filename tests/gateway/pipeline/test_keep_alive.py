"""If these fail, who waits gets no sign of life, or every request pays for a timer that it does not need."""

from __future__ import annotations

import asyncio

import pytest

from gateway.pipeline.keep_alive import KeepAlive

SOON, LATE = 0.02, 60.0  # seconds


async def until(event: asyncio.Event) -> str:
    await event.wait()
    return "done"


async def test_who_waits_is_woken_again_and_again_until_it_is_over() -> None:
    keep_alive, event = KeepAlive(SOON), asyncio.Event()
    work = keep_alive.begin(until(event))
    for _ in range(3):
        await keep_alive.wait(work)
        assert not work.task.done()
    event.set()
    await keep_alive.wait(work)
    assert work.task.result() == "done"
    await keep_alive.wait(work)  # at once


async def test_what_is_over_in_time_is_not_waited_for_any_longer() -> None:
    keep_alive = KeepAlive(LATE)
    work = keep_alive.begin(asyncio.sleep(0))
    async with asyncio.timeout(1):
        await keep_alive.wait(work)
    assert work.task.done()


async def test_what_fails_is_over_too() -> None:
    async def failing() -> None:
        raise ValueError

    keep_alive = KeepAlive(LATE)
    work = keep_alive.begin(failing())
    async with asyncio.timeout(1):
        await keep_alive.wait(work)
    assert isinstance(work.task.exception(), ValueError)


async def test_all_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    keep_alive, event = KeepAlive(SOON), asyncio.Event()
    works = [keep_alive.begin(until(event)) for _ in range(50)]
    timers: list[float] = []
    call_at = loop.call_at

    def counted(when: float, *arguments: object) -> asyncio.TimerHandle:
        timers.append(when)
        return call_at(when, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_at", counted)
    await asyncio.wait([asyncio.create_task(keep_alive.wait(work)) for work in works])
    assert len(timers) < 10  # one, and a few for those that came a little later
    assert not any(work.task.done() for work in works)
    event.set()
    await asyncio.wait([work.task for work in works])


async def test_where_nobody_waits_nothing_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    keep_alive = KeepAlive(SOON)
    waiting = asyncio.create_task(keep_alive.wait(keep_alive.begin(until(event))))
    await asyncio.sleep(0)
    event.set()
    await waiting  # earlier than the timer, which is left to ring
    armed = keep_alive._timer
    assert armed is not None
    monkeypatch.setattr(loop, "call_at", None)  # it would fail
    armed._run()
    assert keep_alive._timer is None


async def test_who_leaves_is_forgotten() -> None:
    keep_alive, event = KeepAlive(LATE), asyncio.Event()
    work = keep_alive.begin(until(event))
    waiting = asyncio.create_task(keep_alive.wait(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not keep_alive._waiting
    assert not work.task.done()
    event.set()
    assert await work.task == "done"
