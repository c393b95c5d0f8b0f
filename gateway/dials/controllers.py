"""Controllers: the state of all dials of one worker. It outlives configurations, and is shared with other replicas.

What each worker turns is added up in a store (`stores/sums.py`) every quarter of a second, in the background. Where the
store does not answer, each goes on by itself; what was turned meanwhile is told afterwards, in proportion to this
worker's part of the traffic, since the others have corrected the same errors.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from gateway.config.redis import Redis
from gateway.stores.link import uncounted
from gateway.stores.sums import MemorySums, RedisSums, Sums
from router.costs import Costs
from router.steering import Steering, step_for

SECONDS: Final = 0.25  # between two meetings with the other replicas
MOST: Final = 256  # controllers of dials that callers asked for; the least recently used go first


class Shared:
    """One controller, and what its worker and the others made of it."""

    __slots__ = ("agreed", "missed", "part", "seen", "steering")

    def __init__(self, steering: Steering) -> None:
        self.steering = steering
        self.agreed = steering.rank  # when all were last heard of
        self.seen = 0  # requests of all replicas by then
        self.part = 1.0  # of the traffic that this worker has
        self.missed = False  # the store did not answer the last time

    def adopt(self, rank: float, seen: int, told: int) -> None:
        """What all together made of it; requests have been decided here meanwhile."""
        steering = self.steering
        others = max(0, seen - self.seen - told) if self.seen else 0
        if others + told:
            self.part = told / (others + told)
        self.agreed, self.seen, self.missed = rank, seen, False
        steering.step = step_for(others)
        steering.turn_to(rank + steering.turned)


class Controllers:
    """Belongs to one event loop. `report` is called at each meeting, for metrics; `clock` gives seconds."""

    def __init__(
        self,
        clock: Callable[[], float],
        report: Callable[[], None] | None = None,
        on_fault: Callable[[str], None] = uncounted,
    ) -> None:
        self._clock = clock
        self._on_fault = on_fault
        self._redis: Redis | None = None
        self._store: Sums = MemorySums(clock)
        self._report = report
        self._own: dict[str, Shared] = {}
        self._asked: OrderedDict[str, Shared] = OrderedDict()
        self._costs: dict[str, Costs] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._meeting: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None  # of a store that was left

    def steering(self, key: str, start: Callable[[], Steering], *, own: bool) -> Steering:
        """The controller of this dial, made where there is none. `own`: the operator's, which stays."""
        shared = self._own.get(key)
        if shared is not None:
            return shared.steering
        shared = self._asked.get(key)
        if own:
            self._asked.pop(key, None)
            shared = self._own[key] = shared or Shared(start())
            return shared.steering
        if shared is None:
            shared = self._asked[key] = Shared(start())
            if len(self._asked) > MOST:
                self._asked.popitem(last=False)
        else:
            self._asked.move_to_end(key)
        return shared.steering

    def costs(self, key: str, start: tuple[Decimal, Decimal] | None) -> Costs | None:
        """Running means of one route, which a reload keeps; None where nothing is known to start from."""
        if start is None:
            return None
        if key not in self._costs:
            self._costs[key] = Costs(float(start[0]), float(start[1]))
        return self._costs[key]

    def keep(self, keys: frozenset[str]) -> None:
        """Forgets the operator's dials that the configuration has no more."""
        self._own = {key: shared for key, shared in self._own.items() if key in keys}

    def share_in(self, redis: Redis) -> None:
        """Where all replicas meet from now on: without a Redis, each for itself."""
        if redis != self._redis:
            self._redis = redis
            self.meet_in(RedisSums(redis, self._clock, self._on_fault) if redis.is_there else MemorySums(self._clock))

    def meet_in(self, store: Sums) -> None:
        before, self._store = self._store, store
        if isinstance(before, RedisSums):  # only then is there something to let go of
            self._closing = asyncio.get_running_loop().create_task(before.close())

    def moved(self) -> None:
        """Something was turned: the others are told soon."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self._meet)

    async def close(self) -> None:
        """The others are told what was turned since the last meeting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._meeting is not None:
            await self._meeting
        await self.meet()
        if self._closing is not None:
            await self._closing
        await self._store.close()

    async def meet(self) -> None:
        """Tells the store what was turned here, and takes over what it comes to with what others turned."""
        turned = [(key, shared) for key, shared in (*self._own.items(), *self._asked.items()) if shared.steering.told]
        for key, shared in turned:
            await self._tell(self._store, key, shared)
        if self._report is not None:
            self._report()

    def _meet(self) -> None:
        self._timer = None
        if self._meeting is None or self._meeting.done():
            self._meeting = asyncio.get_running_loop().create_task(self.meet())
        else:  # a slow store: this round joins the next
            self.moved()

    async def _tell(self, store: Sums, key: str, shared: Shared) -> None:
        steering = shared.steering
        turned, told = steering.take()
        change = turned * shared.part if shared.missed else turned
        found = await store.add(key, shared.agreed, change, told)
        if found is None:
            steering.turned += turned
            steering.told += told
            shared.missed = True
        else:
            shared.adopt(found.value, found.events, told)
