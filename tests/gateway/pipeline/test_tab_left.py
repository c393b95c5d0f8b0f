"""If these fail, clients who leave keep a place under way, or have answers written that no budget counts."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import deployment, header
from tests.gateway.house import own_call as call
from tests.gateway.pipeline.test_tab import MONTH, dear, dev, done, spent
from tests.servers.upstream import Upstreams


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_who_leaves_before_anything_came_pays_for_all_that_it_can_have_been(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    """The provider has written for as long as the client waited, and charges for it. Who always leaves in time would
    else have answers written for nothing, beyond every budget."""
    house = open_house(deployments=dear(upstreams), budgets={"all": {"amount": 100, **MONTH}})
    one = dev(tokens_per_minute=100_000)
    upstreams.cloud.next("hang_first" if stream else "hang")
    task = asyncio.create_task(house.ask(call(model="away", max_tokens=10, stream=stream), one))
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost, settlement.counterfactual) == ("cancelled", None, None)
    assert settlement.usage is not None
    assert settlement.usage.estimated
    held = house.intents()[0].held
    assert held
    assert await spent(house, "all") == held
    reply = await house.ask(call(model="home"), one)
    assert int(header(reply, "x-ratelimit-remaining-tokens") or 0) <= 100_000 - held * 1000
    await done(reply)


async def test_who_leaves_a_stream_that_has_begun_and_said_nothing_has_seen_nothing(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"all": {"amount": 100, **MONTH}})
    upstreams.cloud.next("stall:1")
    reply = await house.ask(call(model="away", max_tokens=10, stream=True))
    assert reply.stream is not None
    reply.stream.close()
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("cancelled", None)
    assert await spent(house, "all") == settlement.intent.held


async def test_a_client_who_leaves_a_machine_at_home_pays_for_its_time(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    machine = deployment(upstreams.local, "local", price={"machine": {"watts": 60, "per_kwh": "0.30"}})
    house = open_house(deployments={**dear(upstreams), "small": machine}, budgets={"all": {"amount": 100, **MONTH}})
    upstreams.local.next("hang")
    task = asyncio.create_task(house.ask(call(model="home", max_tokens=10)))
    await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (settlement,) = house.settlements()
    assert settlement.cost
    assert await spent(house, "all") == settlement.cost


async def test_a_client_who_leaves_is_no_longer_under_way(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(budgets={"all": {"amount": 100, **MONTH}})
    one = dev(concurrent=1)
    upstreams.cloud.next("hang")
    task = asyncio.create_task(house.ask(call(model="away", max_tokens=10), one))
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await done(await house.ask(call(model="away", max_tokens=10), one))
    left, answered = house.settlements()
    assert await spent(house, "all") == (left.intent.held or 0) + (answered.cost or 0)
