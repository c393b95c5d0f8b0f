"""Seeding: asks the ledger what was spent in a slice, off the event loop, where nobody else can tell.

Who needs to know waits for it, but not for long. A ledger that is away is asked again in the background, and then
nobody waits. What the ledger said is looked up again after a while: what came in late is then in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from gateway.quota.ask import Slice
from gateway.quota.life import Life
from gateway.quota.protocol import Counts, Seed

WAIT_SECONDS: Final = 3.0  # what a slice may cost those who ask while the ledger is asked for the first time
FIRST_RETRY_SECONDS: Final = 0.25  # journals of workers that died are drained within a second; doubles
RETRY_SECONDS: Final = 5.0
REFRESH_SECONDS: Final = 30.0
REFRESHES: Final = 2  # the drain is behind by a second or two

Fill = Callable[[Slice], Awaitable[bool]]
"""Asks the ledger about a slice and writes down what it said; false where it could not."""


class Seeding:
    """Of one event loop. One slice at a time."""

    def __init__(self, fill: Fill) -> None:
        self._fill = fill
        self._queue: dict[str, Slice] = {}
        self._asked: dict[str, tuple[asyncio.Future[bool], float]] = {}  # not filled yet: who waits, and until when
        self._failures: dict[str, int] = {}  # in a row
        self._rounds: dict[str, int] = {}  # how often each is still to be looked up again
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def want(self, slices: Iterable[Slice]) -> None:
        """They are filled by and by."""
        for of in slices:
            if of.name not in self._asked:
                loop = asyncio.get_running_loop()
                self._asked[of.name] = (loop.create_future(), loop.time() + WAIT_SECONDS)
                self._enqueue(of)

    async def wait_for(self, slices: Sequence[Slice]) -> bool:
        """Returns when they are filled, or the time that is given to them is over: whether they are."""
        self.want(slices)
        now = until = asyncio.get_running_loop().time()
        waiting = []
        for of in slices:
            asked = self._asked[of.name]
            waiting.append(asked[0])
            if asked[1] > now:
                until = max(until, asked[1])
        if until > now:
            await asyncio.wait(waiting, timeout=until - now)
        # Not whether one is asked for again: what the store said before it was filled may be heard after that.
        return all(asked.done() and asked.result() for asked in waiting)

    def again(self, of: Slice) -> None:
        """Looked up in a while, for those that are filled."""
        if of.name not in self._timers and of.name not in self._asked:
            self._later(REFRESH_SECONDS, of)

    async def close(self) -> None:
        """What is looked up again is looked up by others."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None

    def _enqueue(self, of: Slice) -> None:
        if (timer := self._timers.pop(of.name, None)) is not None:
            timer.cancel()
        self._queue[of.name] = of
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._queue:
            of = self._queue.pop(next(iter(self._queue)))
            if await self._fill(of):
                self._filled(of)
            else:
                self._failed(of)

    def _failed(self, of: Slice) -> None:
        asked = self._asked.get(of.name)
        if asked is not None:
            self._asked[of.name] = (asked[0], 0.0)
            if not asked[0].done():
                asked[0].set_result(False)
        failures = self._failures[of.name] = self._failures.get(of.name, 0) + 1
        self._later(min(FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 10), RETRY_SECONDS), of)

    def _filled(self, of: Slice) -> None:
        self._failures.pop(of.name, None)
        asked = self._asked.pop(of.name, None)
        if asked is not None:
            self._rounds[of.name] = REFRESHES
            if not asked[0].done():
                asked[0].set_result(True)
        left = self._rounds.pop(of.name, 0)
        if left:
            self._rounds[of.name] = left - 1
            self._later(REFRESH_SECONDS, of)

    def _later(self, seconds: float, of: Slice) -> None:
        if self._closed:
            return
        if (before := self._timers.get(of.name)) is not None:
            before.cancel()
        self._timers[of.name] = asyncio.get_running_loop().call_later(seconds, self._enqueue, of)


async def looked_up(seed: Seed, life: Life, of: Slice, wall: Callable[[], float]) -> Counts | None:
    """What the ledger has of other lives; what this one had spent before it held anything is taken down."""
    began = wall()
    counts = await asyncio.to_thread(seed, of)
    if counts is None:
        return None
    own = life.own(of, began)
    base = counts.spent.get(life.identity, 0)
    if base:  # in it may be what was held since
        before = await asyncio.to_thread(seed, life.before(own))
        if before is None:
            return None
        base = before.spent.get(life.identity, 0)
    own.base = max(own.base, base)
    others = {name: count for name, count in counts.spent.items() if name != life.identity}
    return counts._replace(spent=others)
