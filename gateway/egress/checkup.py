"""Checkup: looks whether deployments are there that nobody asks, or that are down, so that no request has to find out.

A GET that costs nothing, over a connection of its own; nothing of any request is in it. What the address may be is
checked as for any other call: a public one is refused in zone `local`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from gateway.config.retrying import Health
from gateway.config.settings import Deployment
from gateway.egress.engine import Unreachable
from gateway.egress.fleet import FleetHealth
from gateway.egress.pool import Pool
from gateway.egress.target import Patience, Target
from gateway.wire.errors import GatewayError
from router.clearance import LOCAL_ZONE

AT_HOME_SECONDS: Final = 10.0  # between two looks, where nothing else is said
SPREAD: Final = 0.2  # of it: so that workers do not all look at once
_PATIENCE: Final = Patience(connect=2.0, first_token=5.0, between_chunks=5.0, total=5.0)
_MOST_BYTES: Final = 256 * 1024
_NOT_READY: Final = frozenset({502, 503, 504})  # a proxy whose server is away; a server that loads its model


class Checkups:
    """Of one configuration. `targets` are all deployments, for each route; `draw` gives 0 to below 1."""

    def __init__(
        self,
        deployments: Mapping[str, Deployment],
        targets: Mapping[str, Mapping[str, Target]],
        fleet: FleetHealth,
        draw: Callable[[], float],
    ) -> None:
        self._fleet = fleet
        self._draw = draw
        known = next(iter(targets.values()), {})  # routes differ in their patience only
        self._watched = [
            (known[name], path_of(known[name], deployment.health), every)
            for name, deployment in deployments.items()
            if name in known and (every := every_of(deployment)) > 0
        ]
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        if self._tasks:
            return
        loop = asyncio.get_running_loop()
        for target, path, every in self._watched:
            self._tasks.add(loop.create_task(self._watch(target, path, every)))

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self.end()
        tasks, self._tasks = self._tasks, set()
        if tasks:
            await asyncio.wait(tasks)

    async def _watch(self, target: Target, path: str, every: float) -> None:
        name, fleet, pool = target.name, self._fleet, Pool(target)
        try:
            while True:
                await asyncio.sleep(every * (1.0 + SPREAD * (2.0 * self._draw() - 1.0)))
                if fleet.cool_for(name) or (fleet.is_up(name) and not fleet.is_idle(name, every * (1.0 - SPREAD))):
                    continue
                there = await is_there(pool, path)
                if there is not None:
                    fleet.seen(name, there=there)
                elif not fleet.under_way(name):  # silent, and not because it works on something
                    fleet.seen(name, there=False)
        finally:
            pool.close()


async def is_there(pool: Pool, path: str) -> bool | None:
    """Whether something answers; None where it keeps silent, or says nothing that makes sense."""
    try:
        answer = await pool.get(path, _PATIENCE)
    except Unreachable:
        return False
    except GatewayError:
        return None
    try:
        size = 0  # read, so that the connection can be kept
        while size < _MOST_BYTES and (piece := await answer.chunk()):
            size += len(piece)
    except GatewayError:
        return None
    finally:
        answer.close()
    return answer.status not in _NOT_READY


def every_of(deployment: Deployment) -> float:
    """Seconds between two looks; 0: nobody looks."""
    if deployment.engine == "litellm":
        return 0.0
    every = deployment.health.every
    if every is None:
        return AT_HOME_SECONDS if deployment.zone == LOCAL_ZONE else 0.0
    return every


def path_of(target: Target, health: Health) -> str:
    """Behind the address without its `/v1`."""
    if health.path is not None:
        return health.path
    return "/v1/models" if target.base_url.endswith("/v1") else "/models"
