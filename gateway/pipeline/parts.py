"""What the pipeline is made of: built once per configuration; requests in flight keep theirs."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.accounting.journal import Journal
from gateway.accounting.prices import PriceBook
from gateway.accounting.sharing import Machine
from gateway.cache.exact import ExactCache
from gateway.cache.flights import Flights
from gateway.cache.formation import Formation
from gateway.cache.key import CacheKeys
from gateway.cache.semantic.cache import SemanticCache
from gateway.config.cacheplans import CachePlan
from gateway.config.learning import RouteLearning
from gateway.config.shadow import Shadow
from gateway.conversations.store import ConversationStore
from gateway.dials.dials import DialsByRoute
from gateway.egress.engine import Engine
from gateway.egress.fleet import FleetHealth
from gateway.egress.guard import Guard
from gateway.egress.room import Room
from gateway.egress.sessions import Sessions
from gateway.egress.target import Target
from gateway.learning.lessons import Lessons
from gateway.learning.trial import Trial
from gateway.occupancy import Occupancy
from gateway.pipeline.cascade_plan import CascadePlan
from gateway.pipeline.hedge_plan import HedgePlan
from gateway.pipeline.keep_alive import KeepAlive
from gateway.pipeline.large_prompts import LargePrompts
from gateway.pipeline.pool_plan import PoolPlan
from gateway.pipeline.retry import Retrying
from gateway.pipeline.rounds import Rounds
from gateway.pipeline.tags import Tags
from gateway.quota.plan import Plan
from gateway.quota.protocol import Quota
from gateway.telemetry.metrics import Metrics
from router.router import Router
from router.strategy import RoutePlan

_T = TypeVar("_T")


def _least() -> float:
    """Of all that can be drawn. A function with a name: a lambda in a lambda cannot be compiled."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """`wall` is seconds since the epoch, `steady` never goes back."""

    wall: Callable[[], float]
    steady: Callable[[], float]


class Background:
    """Work that no answer waits for. Held on to until it is done, so that none is lost half-way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drained(self) -> None:
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))


@dataclass(frozen=True, slots=True)
class Parts:
    """`routes` are all there are, as they serve text, and `references` names for each the deployment that savings are
    then counted against. `others` has both for what they serve besides, by purpose and name. `targets` are all
    deployments, for each route. `labels` are those of requests that a policy knows. `dials` are those of routes
    that have two classes to choose from. `cache_plans` has the routes
    that have a cache, `learning` those that learn, `shadows` those that have some. `heads`
    is how receipts call the heads of deployments. `plan` says which limits and budgets concern a request, and `quota`
    what is left of them; without it nothing is limited. `longest` has the bounds of answers of routes that have one.
    """

    router: Router
    routes: Mapping[str, RoutePlan]
    targets: Mapping[str, Mapping[str, Target]]
    engines: Mapping[str, Engine]
    guard: Guard
    fleet: FleetHealth
    prices: PriceBook
    references: Mapping[str, str | None]
    others: Mapping[tuple[str, str], tuple[RoutePlan, str | None]]
    journal: Journal
    metrics: Metrics
    cache: ExactCache | None
    cache_keys: CacheKeys
    cache_plans: Mapping[str, CachePlan]
    conversations: ConversationStore | None
    clocks: Clocks
    large_prompts: LargePrompts
    occupancy: Occupancy
    rounds: Rounds
    keep_alive: KeepAlive
    labels: frozenset[str]
    tags: Tags
    dials: DialsByRoute
    machines: Mapping[str, Machine] = field(default_factory=dict)  # of deployments that cost by the time
    lessons: Lessons | None = None
    learning: Mapping[str, RouteLearning] = field(default_factory=dict)
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    cascades: Mapping[str, CascadePlan] = field(default_factory=dict)  # of the routes that have one
    heads: Mapping[str, str] = field(default_factory=dict)
    trials: Mapping[str, Trial] = field(default_factory=dict)  # by route, of heads that are watched
    quota: Quota | None = None
    plan: Plan = field(default_factory=lambda: Plan({}, {}, "UTC"))
    longest: Mapping[str, int] = field(default_factory=dict)  # tokens
    scan_waits: bool = False  # a detector works elsewhere: no scan on the event loop
    background: Background = field(default_factory=Background)
    retrying: Retrying = field(default_factory=lambda: Retrying({}, {}, _least))
    hedging: HedgePlan = field(default_factory=lambda: HedgePlan({}))
    pools: Mapping[str, PoolPlan] = field(default_factory=dict)  # of routes where one may stand in for another
    rooms: Mapping[str, Room] = field(default_factory=dict)  # of deployments whose requests are counted
    sessions: Sessions = field(default_factory=lambda: Sessions(b"", time.monotonic))
    draw: Callable[[], float] = field(default=random.random)  # 0 to below 1
    flights: Flights | None = None  # answers that are on the way, where several requests may share one
    formation: Formation | None = None  # and those of other workers
    semantic: SemanticCache | None = None  # of the routes that have one
