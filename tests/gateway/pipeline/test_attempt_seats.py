"""If these fail, a scarce model at home is overrun, who waits for it is forgotten, or a full one costs the answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.quota import Limits
from gateway.egress.room import NoRoom, Room
from gateway.wire.errors import GatewayError, LimitReached
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, deployment, header, read, settings
from tests.gateway.listener import Listener
from tests.servers.upstream import Upstreams

OTHER = Principal("other", "lab", None, ANY)
DEVELOPER_WITH_ONE = Principal("dev", "lab", None, ANY, limits=Limits(concurrent=1))


def scarce(upstreams: Upstreams, seats: int = 1, **queue: Any) -> dict[str, Any]:
    both = settings(upstreams)["deployments"]
    return {"deployments": {**both, "small": {**both["small"], "concurrent": seats, "queue": queue}}}


def room(house: House) -> Room:
    return house.pipeline.parts.rooms["small"]


async def waiting(house: House, count: int) -> None:
    """Until so many wait."""
    async with asyncio.timeout(5):
        while room(house).waiting < count:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0)


@pytest.mark.parametrize("stream", [False, True])
async def test_who_finds_no_seat_waits_and_the_receipt_says_so(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = open_house(**scarce(upstreams))
    assert room(house).sit()
    task = asyncio.create_task(house.ask(call(model="home", stream=stream)))
    await waiting(house, 1)
    assert house.intents() == []  # nothing is sent before there is a seat
    await asyncio.sleep(0.005)
    room(house).leave()
    reply = await task
    assert b"local-model" in await read(reply)
    assert int(header(reply, "x-tidegate-queued-ms") or 0) >= 1
    assert room(house).taken == 0
    (settlement,) = house.settlements()
    assert settlement.outcome == "ok"
    assert house.counted("tidegate_queue_total", deployment="small", result="seated") == 1


async def test_who_finds_a_seat_has_nothing_said_of_it(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**scarce(upstreams))
    reply = await house.ask(call(model="home"))
    assert header(reply, "x-tidegate-queued-ms") is None
    assert room(house).taken == 0


@pytest.mark.parametrize("queue", [{"length": 0}, {"length": 5, "patience": 0.02}])
async def test_where_that_takes_too_long_the_cloud_answers(
    open_house: OpenHouse, upstreams: Upstreams, queue: dict[str, Any]
) -> None:
    house = open_house(**scarce(upstreams, **queue))
    room(house).sit()
    reply = await house.ask(call())
    assert header(reply, "x-tidegate-deployment") == "large"
    assert (room(house).taken, room(house).waiting) == (1, 0)


async def test_but_not_what_stays_at_home(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**scarce(upstreams, length=0))
    room(house).sit()
    room(house).leave(served=42.0)
    room(house).sit()
    with pytest.raises(NoRoom) as caught:
        await house.ask(call(CARD))
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "overloaded", 42)
    upstreams.assert_cloud_saw_nothing()
    assert [line.outcome for line in house.declined()] == ["limited"]  # the audit has it all the same
    assert house.intents() == []


async def test_nor_where_a_budget_does_not_let_the_cloud_be_asked(open_house: OpenHouse, upstreams: Upstreams) -> None:
    budgets = {"all": {"amount": 0, "period": "day", "at_limit": "stay-local"}}
    house = open_house(**scarce(upstreams, length=0), budgets=budgets)
    room(house).sit()
    with pytest.raises(NoRoom):
        await house.ask(call())
    upstreams.assert_cloud_saw_nothing()


async def test_a_client_that_leaves_gives_up_its_place(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**scarce(upstreams))
    room(house).sit()
    first = asyncio.create_task(house.ask(call(model="home")))
    await waiting(house, 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (room(house).taken, room(house).waiting) == (1, 0)
    assert house.counted("tidegate_queue_total", deployment="small", result="left") == 1


async def test_keys_take_turns(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**scarce(upstreams))
    room(house).sit()
    order: list[str] = []

    async def ask(who: Principal, name: str) -> None:
        await read(await house.ask(call(name, model="home"), who))
        order.append(name)

    dev = Principal("dev", "lab", None, ANY)
    tasks = []
    for count, (who, name) in enumerate([(dev, "d1"), (dev, "d2"), (dev, "d3"), (OTHER, "o1")]):
        tasks.append(asyncio.create_task(ask(who, name)))
        await waiting(house, count + 1)
    room(house).leave()
    await asyncio.gather(*tasks)
    assert order == ["d1", "o1", "d2", "d3"]


async def test_who_waits_gets_signs_of_life(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**scarce(upstreams), server={"keep_alive_comment": 0.02})
    room(house).sit()
    client = Listener()
    task = asyncio.create_task(house.ask(client.asks()))
    await client.heard(2)
    room(house).leave()
    body = await read(await task)
    assert b"local-model" in body
    client.assert_heard_comments_only(2)


@pytest.mark.parametrize("fault", ["status:500", "status:400", "hang", "reset", "cut:3"])
async def test_every_seat_is_given_back_however_it_ends(
    open_house: OpenHouse, upstreams: Upstreams, fault: str
) -> None:
    house = open_house(**scarce(upstreams))
    for stream in (False, True):
        upstreams.local.next(fault)
        with contextlib.suppress(GatewayError):  # a stream that was cut says so in its last event
            await read(await house.ask(call(model="home", stream=stream)))
        assert room(house).taken == 0
    assert len(house.settlements()) == 2


async def test_no_seat_is_kept_by_who_may_not_spend(open_house: OpenHouse, upstreams: Upstreams) -> None:
    routes = {"home": {"small": ["small"], "limits": {"requests_per_minute": 0}}}
    house = open_house(**scarce(upstreams), routes=routes, keys=settings(upstreams)["keys"][:1])
    for _ in range(3):
        with pytest.raises(LimitReached):
            await house.ask(call(model="home"))
    assert room(house).taken == 0


async def test_one_that_waited_in_vain_waits_nowhere_else(open_house: OpenHouse, upstreams: Upstreams) -> None:
    one = deployment(upstreams.local, "local", concurrent=1, queue={"patience": 0.05})
    house = open_house(
        deployments={"a": one, "b": one}, routes={"auto": {"small": ["a", "b"]}}, keys=settings(upstreams)["keys"][:1]
    )
    rooms = house.pipeline.parts.rooms
    rooms["a"].sit(), rooms["b"].sit()
    with pytest.raises(NoRoom):
        await house.ask(call())
    results = [house.counted("tidegate_queue_total", result=result) for result in ("gave_up", "too_long")]
    assert results == [1, 1]


BUDGET = {"all": {"amount": 1, "period": "day"}}


@pytest.mark.parametrize("ends", ["seat", "patience", "client"])
async def test_what_is_held_by_who_waits_is_given_back_unless_it_is_spent(
    open_house: OpenHouse, upstreams: Upstreams, ends: str
) -> None:
    keys = [{**settings(upstreams)["keys"][0], "limits": {"concurrent": 1}}]
    changes = scarce(upstreams, patience=0.05 if ends == "patience" else 30)
    house = open_house(**changes, budgets=BUDGET, keys=keys, routes={"home": {"small": ["small"]}})
    quota = house.pipeline.parts.quota
    assert quota is not None
    limited = DEVELOPER_WITH_ONE
    room(house).sit()
    task = asyncio.create_task(house.ask(call(model="home"), limited))
    await waiting(house, 1)
    assert quota.open == 1
    with pytest.raises(LimitReached):  # who waits counts: nobody has more waiting than it may have answered
        await house.ask(call(model="home"), limited)
    if ends == "seat":
        room(house).leave()
        await read(await task)
    elif ends == "client":
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        with pytest.raises(NoRoom):
            await task
    assert quota.open == 0
    assert room(house).taken == (0 if ends == "seat" else 1)
    assert [intent.held is not None for intent in house.intents()] == ([True] if ends == "seat" else [])
