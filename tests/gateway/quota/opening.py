"""Opening: workers that share a Redis, and waiting until they know something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from gateway.quota.answer import Spent
from gateway.quota.ask import Slice
from tests.gateway.quota.harness import ME, InRedis, day
from tests.servers.valkey import ValkeyServer

OTHER = "2.4712.house.1800000000000"
Open = Callable[..., InRedis]


def opened(stack: AsyncExitStack) -> Open:
    def made(server: ValkeyServer, life: str = ME, **more: object) -> InRedis:
        house = InRedis(server, life, **more)  # type: ignore[arg-type]
        stack.push_async_callback(house.close)
        return house

    return made


async def eventually(holds: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 # another process decides it
            await asyncio.sleep(0.01)


async def known(house: InRedis, *slices: Slice) -> list[Spent]:
    """Once somebody can say."""
    async with asyncio.timeout(20):
        while True:
            found = [spent for spent in await house.quota.standing(slices or (day(),)) if spent is not None]
            if len(found) == len(slices or (day(),)):
                return found
            await asyncio.sleep(0.01)
