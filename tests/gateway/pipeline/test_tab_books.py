"""If this fails, what budgets counted and what the books say differ: money is spent twice, or not at all."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.quota import Limits
from gateway.quota.plan import Asked
from gateway.quota.protocol import Quota
from gateway.wire.errors import BudgetSpent, GatewayError
from router.clearance import ANY
from tests.gateway import house as houses
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, deployment, settings
from tests.servers.upstream import Upstreams

CAP = Decimal(8)
DEAR = {"tokens": {"input": "1000", "output": "1000"}}  # a thousandth of a dollar a token
FATES = ("ok", "ok", "ok", "status:500", "status:429:1", "status:400", "reset", "garbage", "stall:2", "cut:2", "hang")
ONE = Principal("dev", "lab", None, ANY, limits=Limits(concurrent=60, tokens_per_minute=10_000_000))


async def one(house: House, dice: random.Random) -> str:
    """A request as clients make them: some do not wait, some leave in the middle of a stream. What became of it."""
    asked = houses.own_call(
        "What is two and two?", "cloud", stream=dice.random() < 0.5, max_tokens=40, x_upstream=dice.choice(FATES)
    )
    patience, pieces = dice.choice([0.05, 5.0, 5.0]), dice.choice([1, 1_000])
    reply = None
    try:
        async with asyncio.timeout(patience):
            reply = await house.ask(asked, ONE)
            while reply.stream is not None and pieces and await reply.stream.next():
                pieces -= 1
    except BudgetSpent:
        return "refused"
    except (GatewayError, TimeoutError):
        return "failed"
    finally:
        if reply is not None:
            if reply.stream is not None:
                reply.stream.close()
            if reply.over is not None:
                reply.over()
    return "answered"


async def standing(house: House) -> tuple[Decimal, Decimal]:
    """Dollars: spent, and held."""
    parts = house.pipeline.parts
    (concern,) = parts.plan.concerns(Asked("dev", "lab", "cloud", frozenset()), parts.clocks.wall())
    (known,) = await quota_of(house).standing(concern.slices)
    assert known is not None
    return Decimal(known.spent) / 10**12, Decimal(known.held) / 10**12


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_however_requests_end_budgets_and_books_agree(
    open_house: OpenHouse, upstreams: Upstreams, seed: int
) -> None:
    deployments: dict[str, Any] = settings(upstreams)["deployments"]
    deployments["large"] = deployment(upstreams.cloud, "cloud", price=DEAR)
    house = open_house(deployments=deployments, budgets={"b": {"amount": str(CAP), "period": "month"}})
    dice = random.Random(seed)
    most = Decimal(0)

    async def watched() -> str:
        nonlocal most
        became = await one(house, dice)
        most = max(most, sum(await standing(house), Decimal(0)))
        return became

    became = await asyncio.gather(*(watched() for _ in range(60)))
    assert {"answered", "failed", "refused"} <= set(became)
    assert most <= CAP
    settled = {settlement.attempt_id: settlement for settlement in house.settlements()}
    begun = house.intents()
    assert settled.keys() == {intent.attempt_id for intent in begun}
    assert all(intent.held is not None for intent in begun)
    costs = [(settled[intent.attempt_id].cost, intent.held) for intent in begun]
    booked = sum((held if cost is None else cost for cost, held in costs if held is not None), Decimal(0))
    assert await standing(house) == (booked, Decimal(0))
    assert quota_of(house).open == 0
    alone = Principal("dev", "lab", None, ANY, limits=Limits(concurrent=1))
    await house.ask(houses.call(model="home"), alone)  # nobody else is under way


def quota_of(house: House) -> Quota:
    quota = house.pipeline.parts.quota
    assert quota is not None
    return quota
