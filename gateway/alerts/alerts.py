"""Alerts: the room's door. It is told how budgets stand, and has each event taken to the log and the webhooks.

It outlives configurations: what is on its way goes on when the file is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Protocol

from gateway.alerts.courier import PACE, Courier, Pace
from gateway.alerts.crossing import Crossings, Watched
from gateway.alerts.event import Event
from gateway.alerts.sinks import LogSink, Sink, WebhookSink
from gateway.config.alerts import Alerts as AlertSettings
from gateway.config.redis import Redis as RedisSettings
from gateway.stores.link import uncounted
from gateway.stores.once import MemoryOnce, Once, RedisOnce
from gateway.stores.said import Said


class Counts(Protocol):
    """What is counted: the metrics."""

    def alerted(self, budget: str, kind: str) -> None: ...

    def webhook_tried(self, webhook: str, result: str) -> None: ...

    def alert_lost(self, sink: str, reason: str) -> None: ...


class Clocks(Protocol):
    """Seconds: `wall` since the epoch; `steady` never goes back."""

    @property
    def wall(self) -> Callable[[], float]: ...

    @property
    def steady(self) -> Callable[[], float]: ...


class Alerts:
    """Of one event loop. `who` names this process and no other of all times."""

    def __init__(
        self,
        said: Said,
        who: str,
        clocks: Clocks,
        counts: Counts,
        on_fault: Callable[[str], None] = uncounted,
        pace: Pace = PACE,
    ) -> None:
        self._said = said
        self._who = who
        self._clocks = clocks
        self._counts = counts
        self._on_fault = on_fault
        self._pace = pace
        self._redis = RedisSettings()
        self._sinks: dict[str, Sink] = {}
        self._courier: Courier | None = None  # made with the first event: Redis' library is large
        self._crossings = Crossings(self._tell, clocks.wall)
        self._leaving: set[asyncio.Task[None]] = set()

    def adopt(self, settings: AlertSettings, redis: RedisSettings) -> None:
        """A configuration is in force from now on. All budgets are looked at anew."""
        self._crossings.forget()
        sinks: list[Sink] = [LogSink(self._counts.alerted)]
        for name, webhook in settings.webhooks.items():
            sinks.append(WebhookSink(name, webhook, self._clocks.wall, self._counts.webhook_tried))
        self._sinks = {sink.name: sink for sink in sinks}
        courier = self._courier
        if courier is None:
            self._redis = redis
        elif redis == self._redis:
            courier.sinks = self._sinks
        else:
            self._redis, self._courier = redis, None
            task = asyncio.get_running_loop().create_task(courier.close())
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def is_quiet(self, name: Hashable, begins: float | None, spent: int) -> bool:
        """Whether there is nothing to tell of a budget, as `Crossings.is_quiet` has it."""
        return self._crossings.is_quiet(name, begins, spent)

    def spent(self, name: Hashable, spent: int, watched: Watched) -> None:
        """How a budget stands, where that is not quiet."""
        self._crossings.spent(name, spent, watched)

    def refused(self, name: Hashable, spent: int, watched: Watched) -> None:
        """A request did not fit into a budget."""
        self._crossings.refused(name, spent, watched)

    async def close(self) -> None:
        """What is on its way is left to the others, or to the next start."""
        if self._courier is not None:
            await self._courier.close()
            self._courier = None
        await asyncio.gather(*self._leaving)

    def _tell(self, event: Event) -> None:
        if self._courier is None:
            self._courier = Courier(self._new_once(), self._who, self._counts.alert_lost, self._pace)
            self._courier.sinks = self._sinks
        self._courier.take(event)

    def _new_once(self) -> Once:
        if self._redis.is_there:
            return RedisOnce(self._redis, self._said, self._clocks.steady, self._on_fault)
        return MemoryOnce(self._said, self._clocks.steady)
