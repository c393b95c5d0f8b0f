"""If these fail, a client that left is served on, or one that sends nothing holds a place."""

from __future__ import annotations

import asyncio

from gateway.presence import LOOK_SECONDS, Guest, Presence
from gateway.wire.http import Message


class Line:
    """A connection: the client leaves when `left` is set."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.asked = 0

    async def receive(self) -> Message:
        self.asked += 1
        await self.left.wait()
        return {"type": "http.disconnect"}


async def stay(presence: Presence, line: Line, *, has_told_all: bool) -> Guest:
    """A request whose answer never comes."""
    guest = presence.enter(line.receive)
    guest.has_told_all = has_told_all
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        guest.forgive()
    finally:
        presence.leave(guest)
    return guest


async def test_a_client_that_leaves_ends_its_request() -> None:
    presence, line = Presence(), Line()
    task = asyncio.create_task(stay(presence, line, has_told_all=True))
    await asyncio.sleep(0)
    line.left.set()
    guest = await asyncio.wait_for(task, 1)
    assert (guest.is_gone, guest.dawdles) == (True, False)
    assert task.cancelling() == 0


async def test_a_body_that_does_not_come_ends_its_request() -> None:
    presence, line = Presence(body_seconds=2 * LOOK_SECONDS), Line()
    guest = await asyncio.wait_for(stay(presence, line, has_told_all=False), 2)
    assert (guest.is_gone, guest.dawdles) == (False, True)
    assert line.asked == 0  # who reads the body sees that its client leaves


async def test_a_request_that_is_over_at_once_has_cost_no_task() -> None:
    presence, line = Presence(), Line()
    tasks = len(asyncio.all_tasks())
    for _ in range(100):
        presence.leave(presence.enter(line.receive))
    assert len(asyncio.all_tasks()) == tasks
    assert line.asked == 0
