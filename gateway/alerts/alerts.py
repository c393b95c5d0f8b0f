"""Alerts: the room's door. It is told how budgets stand, and has each event taken to the log and the webhooks.

It outlives configurations: what is on its way goes on when the file is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.alerts.courier import PACE, Courier, Pace
from gateway.alerts.crossing import Crossings, Watched
from gateway.alerts.event import Event
from gateway.alerts.sinks import LogSink, Sink, WebhookSink
from gateway.config.alerts import Alerts as AlertSettings
from gateway.config.settings import Redis
from gateway.stores.link import uncounted
from gateway.stores.once import BEAT, MemoryOnce, Once, RedisOnce
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
        self._redis: Redis | None = None
        self._once: Once = MemoryOnce(said, clocks.steady)
        self._courier = self._new_courier()
        self._crossings = Crossings(self._tell, clocks.wall)
        self._beating: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def adopt(self, settings: AlertSettings, redis: Redis) -> None:
        """A configuration is in force from now on."""
        self._crossings.forget()
        sinks: list[Sink] = [LogSink(self._counts.alerted)]
        for name, webhook in settings.webhooks.items():
            sinks.append(WebhookSink(name, webhook, self._clocks.wall, self._counts.webhook_tried))
        self._courier.sinks = {sink.name: sink for sink in sinks}
        wanted = redis if redis.url.get_secret_value() else None
        if wanted != self._redis:
            self._move(wanted)

    def is_quiet(self, name: str, begins: int | None, spent: int) -> bool:
        """Whether there is nothing to tell of a budget, as `Crossings.is_quiet` has it."""
        return self._crossings.is_quiet(name, begins, spent)

    def spent(self, name: str, spent: int, watched: Watched) -> None:
        """How a budget stands, where that is not quiet."""
        self._beat()
        self._crossings.spent(name, spent, watched)

    def refused(self, name: str, spent: int, watched: Watched) -> None:
        """A request did not fit into a budget."""
        self._beat()
        self._crossings.refused(name, spent, watched)

    async def close(self) -> None:
        """What is on its way is left to the others, or to the next start."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
            self._beating = None
        await self._courier.close()
        await self._once.close()
        await asyncio.gather(*self._leaving)

    def _tell(self, event: Event) -> None:
        self._courier.take(event)

    def _new_courier(self) -> Courier:
        return Courier(self._once, self._who, self._counts.alert_lost, self._pace)

    def _move(self, redis: Redis | None) -> None:
        """To another store. What is on its way is told again from there, since all budgets are looked at anew."""
        courier, once = self._courier, self._once
        self._redis = redis
        if redis is None:
            self._once = MemoryOnce(self._said, self._clocks.steady)
        else:
            self._once = RedisOnce(redis, self._said, self._clocks.steady, self._on_fault)
        self._courier = self._new_courier()
        self._courier.sinks = courier.sinks
        if courier.waiting or isinstance(once, RedisOnce):
            task = asyncio.get_running_loop().create_task(_closed(courier, once))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def _beat(self) -> None:
        if self._beating is None:
            self._beating = asyncio.get_running_loop().create_task(self._beats())

    async def _beats(self) -> None:
        while True:
            await self._once.beat()
            await asyncio.sleep(BEAT)


async def _closed(courier: Courier, once: Once) -> None:
    await courier.close()
    await once.close()
