"""The courier: takes each event to each sink once, in the background, again and again where a sink is away.

Whose turn it is all workers and replicas agree on (`gateway/stores/once.py`). Nobody waits for it, and what it has to
carry is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from gateway.alerts.event import Event
from gateway.alerts.sinks import Sink
from gateway.stores.once import BEAT, Once

MOST_WAITING = (
    256  # errands to one sink, so that one that is away keeps nothing from the others; one takes some kilobytes
)
_AT_ONCE = 8  # of them ask whose turn it is, or tell
_log = logging.getLogger(__name__)


class Pace(NamedTuple):
    """Seconds. `first` and `longest` are the pauses between tries, which double; after `patience` a sink is given up;
    `alone`: how long nobody can tell whose turn it is before it is told all the same, perhaps by several; `lease`: how
    long a turn lasts, longer than a try and the pause after it; `look`: how often is looked whether another is done."""

    first: float = 1.0
    longest: float = 30.0
    patience: float = 3_600.0
    alone: float = 60.0
    lease: int = 120  # a webhook's longest time limit is 60
    look: float = 15.0


PACE = Pace()


class Courier:
    """Of one event loop; `sinks` are those of the configuration in force, by name.

    `who` names this process, and no other of all times; `on_loss` is told of a sink by name and why it was not told:
    `refused`, `gave_up` or `full`.
    """

    def __init__(self, once: Once, who: str, on_loss: Callable[[str, str], None], pace: Pace = PACE) -> None:
        self._once = once
        self._who = who
        self._on_loss = on_loss
        self._pace = pace
        self.sinks: Mapping[str, Sink] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}  # by sink
        self._beating: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many errands are under way."""
        return len(self._tasks)

    def take(self, event: Event) -> None:
        """An errand to each sink that wants the event, unless one is under way."""
        loop = asyncio.get_running_loop()
        if self._beating is None:
            self._beating = loop.create_task(self._beat())
        for sink in self.sinks.values():
            errand = (event.id, sink.name)
            if errand in self._tasks or not sink.wants(event.kind):
                continue
            if sum(name == sink.name for _, name in self._tasks) >= MOST_WAITING:
                self._lose(sink.name, "full")
                continue
            task = loop.create_task(self._carry(event, sink.name))
            self._tasks[errand] = task
            task.add_done_callback(partial(self._over, errand))

    async def close(self) -> None:
        """What is under way is left to the others, or to the next start. Closes the store."""
        tasks = [*self._tasks.values(), *([self._beating] if self._beating is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._once.close()

    async def _beat(self) -> None:
        while True:
            await self._once.beat()
            await asyncio.sleep(BEAT)

    def _over(self, errand: tuple[str, str], _task: asyncio.Task[None]) -> None:
        self._tasks.pop(errand, None)

    async def _carry(self, event: Event, name: str) -> None:
        """Until it is told, by whomever, or the configuration has no such sink any more."""
        what, pace = f"{event.id}:{name}", self._pace
        clock = asyncio.get_running_loop().time
        began, pause = clock(), pace.first
        gate = self._gates.setdefault(name, asyncio.Semaphore(_AT_ONCE))
        while (sink := self.sinks.get(name)) is not None:
            async with gate:
                turn = await self._once.claim(what, self._who, pace.lease)
                waited = clock() - began
                mine = turn == "yours" or (turn is None and waited >= pace.alone)
                outcome = await sink.tell(event) if mine else None
            if turn == "over":
                return
            if outcome is None:
                await asyncio.sleep(pace.first if turn is None else pace.look)
            elif outcome == "again" and waited < pace.patience:
                await asyncio.sleep(pause)
                pause = min(2 * pause, pace.longest)
            else:
                if outcome != "told":
                    self._lose(name, "refused" if outcome == "refused" else "gave_up")
                await self._once.done(what, event.ttl)
                return

    def _lose(self, sink: str, reason: str) -> None:
        self._on_loss(sink, reason)
        _log.warning("an alert was not told", extra={"sink": sink, "reason": reason})
