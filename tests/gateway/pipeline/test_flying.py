"""If these fail, the same question is paid for twice at a time, or one client's trouble becomes another's."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.quota import Limits
from gateway.pipeline.live import LiveStream
from gateway.wire.errors import LimitReached, NoDeployment, UpstreamFailed
from gateway.wire.http import Reply
from gateway.wire.sse import DONE
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, header, read
from tests.gateway.listener import Listener
from tests.gateway.pipeline.flyers import CACHED, TEAM, USAGE, asked, boarded, calls, once_only, said, together
from tests.servers.upstream import Upstreams


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house(**CACHED)


@pytest.fixture
def once(open_house: OpenHouse, upstreams: Upstreams) -> House:
    """A call that fails is not made again for the same client."""
    return open_house(**CACHED, routes=once_only(upstreams))


@pytest.mark.parametrize("streams", [(False,) * 20, (True,) * 20, (True, False) * 5, (False, True) * 5])
async def test_who_asks_the_same_at_a_time_shares_one_call(
    house: House, upstreams: Upstreams, streams: Sequence[bool]
) -> None:
    tasks = await together(house, upstreams, [{"stream": stream} for stream in streams])
    upstreams.local.release()
    leader, *others = [await task for task in tasks]
    bodies = await asyncio.gather(*map(read, [leader, *others]))
    assert calls(upstreams) == 1
    assert len({said(body) for body in bodies}) == 1
    assert header(leader, "x-tidegate-cache") == "miss"
    for reply in others:
        assert header(reply, "x-tidegate-cache") == "hit"
        assert header(reply, "age") == "0"
        assert header(reply, "x-tidegate-deployment") == "small"
        assert Decimal(header(reply, "x-tidegate-cost-usd") or "-1") == 0
    assert sorted(line.outcome for line in house.settlements()) == ["hit"] * len(others) + ["ok"]
    tokens = {line.usage and (line.usage.prompt_tokens, line.usage.completion_tokens) for line in house.settlements()}
    assert len(tokens) == 1
    assert house.counted("tidegate_flights_total", result="led") == 1


async def test_a_stream_is_shared_from_its_first_byte_while_it_comes(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hold:3")
    leader = await house.ask(call(stream=True))
    assert leader.stream is not None
    first = await leader.stream.next()
    late = await house.ask(call(stream=True))
    assert late.stream is not None
    assert await late.stream.next() == first  # and the model has not gone on yet
    upstreams.local.release()
    bodies = await asyncio.gather(read(leader), read(late))
    assert bodies[0] == bodies[1]
    assert bodies[0].endswith(DONE)
    assert calls(upstreams) == 1


@pytest.mark.parametrize("leads", [{"stream": True}, USAGE])
@pytest.mark.parametrize("follows", [{"stream": True}, USAGE])
async def test_each_has_usage_where_it_asked_for_it(
    house: House, upstreams: Upstreams, leads: dict[str, Any], follows: dict[str, Any]
) -> None:
    alone = await read(await house.ask(call(headers={"cache-control": "no-store"}, **follows)))
    upstreams.local.journal.clear()
    tasks = await together(house, upstreams, [leads, follows])
    upstreams.local.release()
    _, body = [await read(await task) for task in tasks]
    assert [shape(event) for event in body.split(b"\n\n")] == [shape(event) for event in alone.split(b"\n\n")]


def shape(event: bytes) -> object:
    """All but what is another one each time."""
    if not event.startswith(b"data: {"):
        return event
    chunk = json.loads(event[6:])
    return {name: value for name, value in chunk.items() if name not in ("id", "created")}


async def test_each_has_a_receipt_of_its_own_in_the_stream(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hold:2")
    replies = [await house.ask(call(headers={"x-tidegate-receipt": "stream"}, **USAGE)) for _ in range(2)]
    upstreams.local.release()
    receipts = []
    for reply in replies:
        *_, usage, _, _ = (await read(reply)).split(b"\n\n")
        receipts.append(json.loads(usage[6:])["tidegate"])
    assert [receipt["cache"] for receipt in receipts] == ["miss", "hit"]
    assert receipts[1]["cost_usd"] == "0"


async def test_a_fault_of_ours_leaves_nobody_waiting(
    house: House, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: all who read are cut off, and the call is closed and in the books."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    part = LiveStream.part

    async def faulty(stream: LiveStream) -> bytes:
        piece = await part(stream)
        if stream.ending is not None:
            raise ZeroDivisionError
        return piece

    monkeypatch.setattr(LiveStream, "part", faulty)
    replies = [await task for task in await together(house, upstreams, [{"stream": True}] * 2)]
    upstreams.local.release()
    async with asyncio.timeout(10):
        bodies = await asyncio.gather(*map(read, replies))
    assert all(b'"error"' in body and not body.endswith(DONE) for body in bodies)
    await house.pipeline.parts.background.drained()
    assert len(house.settlements()) == 2
    del replies
    gc.collect()
    assert [type(fault["exception"]) for fault in faults] == [ZeroDivisionError]


async def test_a_leader_that_does_not_read_holds_up_nobody(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hold:2")
    leader = await house.ask(call(stream=True))
    other = await house.ask(call(stream=True))
    upstreams.local.release()
    whole = await read(other)
    assert await read(leader) == whole


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_is_down_is_not_asked_by_all_at_once(
    once: House, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.always("status:500")
    tasks = [asyncio.create_task(once.ask(call(model="home", stream=stream))) for _ in range(20)]
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(failure, UpstreamFailed | NoDeployment) for failure in failures)
    assert calls(upstreams) == 3
    assert len({id(failure) for failure in failures}) == 20
    assert [line.outcome for line in once.settlements()] == ["error"] * 3
    assert [line.outcome for line in once.declined()] == ["no_deployment"] * 17


async def test_after_a_failure_the_others_share_the_next_answer(once: House, upstreams: Upstreams) -> None:
    upstreams.local.next("status:500")
    tasks = [asyncio.create_task(once.ask(call(model="home"))) for _ in range(20)]
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, UpstreamFailed)
    assert len({reply.body for reply in others if isinstance(reply, Reply)}) == 1
    assert not any(isinstance(other, BaseException) for other in others)
    assert calls(upstreams) == 2
    assert once.counted("tidegate_flights_total", result="handed_over") == 1


async def test_a_limit_of_the_leaders_is_nobody_elses(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**TEAM)
    spent = Principal("spent", "lab", None, ANY, limits=Limits(requests_per_minute=1))
    await house.ask(call("Something else."), spent)
    first = asyncio.create_task(house.ask(call(), spent))
    others = [asyncio.create_task(house.ask(call())) for _ in range(3)]
    with pytest.raises(LimitReached):
        await first
    assert len({(await other).body for other in others}) == 1
    assert calls(upstreams) == 2


async def test_who_follows_is_counted_against_its_own_limits(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**TEAM)
    limited = Principal("limited", "lab", None, ANY, limits=Limits(requests_per_minute=2))
    leader = asyncio.create_task(house.ask(call()))
    others = [asyncio.create_task(house.ask(call(), limited)) for _ in range(4)]
    answers = await asyncio.gather(leader, *others, return_exceptions=True)
    assert sum(isinstance(answer, LimitReached) for answer in answers) == 2
    assert [line.outcome for line in house.declined()] == ["limited"] * 2
    assert calls(upstreams) == 1


@pytest.mark.parametrize("directive", ["cut:2:fin", "error_frame:2"])
async def test_a_stream_that_is_cut_is_cut_for_all_who_read_it(
    once: House, upstreams: Upstreams, directive: str
) -> None:
    """Who has had nothing of it yet gets an answer of another call."""
    upstreams.local.next(f"{directive}:gate" if directive.startswith("error") else directive)
    kinds = [True, True, False, False]
    tasks = [asyncio.create_task(once.ask(call(model="home", stream=stream))) for stream in kinds]
    if directive.startswith("error"):
        await boarded(once, 3)
        upstreams.local.release()
    replies = [await task for task in tasks]
    bodies = [await read(reply) for reply in replies]
    for body in bodies[:2]:
        assert b'"error"' in body
        assert not body.endswith(DONE)
    assert said(bodies[2]) == said(bodies[3])
    assert calls(upstreams) == 2
    assert sorted(line.outcome for line in once.settlements()) == ["cut", "hit", "hit", "ok"]


@pytest.mark.parametrize("directive", ["no-cache", "no-store", "max-age=0"])
async def test_who_wants_an_answer_of_its_own_gets_one(house: House, upstreams: Upstreams, directive: str) -> None:
    tasks = [asyncio.create_task(house.ask(call(headers={"cache-control": directive}))) for _ in range(3)]
    await asyncio.gather(*tasks)
    assert calls(upstreams) == 3


async def test_it_can_be_switched_off(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={"enabled": True, "single_flight": False})
    await asyncio.gather(*(house.ask(call()) for _ in range(3)))
    assert calls(upstreams) == 3


async def test_what_is_sensitive_is_not_shared_between_keys(open_house: OpenHouse, upstreams: Upstreams) -> None:
    for scope, count in (("team", 3), ("key", 1)):
        upstreams.local.journal.clear()
        house = open_house(cache={"enabled": True, "scope": scope})
        replies = await asyncio.gather(*(house.ask(call(CARD, "cloud")) for _ in range(3)))
        assert {header(reply, "x-tidegate-zone") for reply in replies} == {"local"}
        assert calls(upstreams) == count


@pytest.mark.parametrize("stream", [False, True])
async def test_a_masked_answer_comes_back_to_each_with_its_own_values(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = open_house(**CACHED, policy={"rules": [{"types": ["CREDIT_CARD"], "action": "mask"}]})
    upstreams.cloud.always("parrot")
    tasks = [asyncio.create_task(house.ask(call(CARD, "away", stream=stream))) for _ in range(3)]
    bodies = [await read(await task) for task in tasks]
    assert all(CARD in said(body) for body in bodies)
    assert len(upstreams.cloud.journal.exchanges) == 1
    assert b"0154" not in upstreams.cloud.journal.raw


async def test_who_waits_for_another_ones_answer_gets_signs_of_life(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**CACHED, server={"keep_alive_comment": 0.02})
    upstreams.local.next("hold:0")
    leader = asyncio.create_task(house.ask(call(stream=True)))
    await asked(upstreams)
    client = Listener()
    other = asyncio.create_task(house.ask(client.asks()))
    await client.heard(3)
    upstreams.local.release()
    body = await read(await other)
    assert body.startswith(b": x-tidegate-deployment: small\n: x-tidegate-zone: local\n\n")
    assert said(body.partition(b"\n\n")[2]) == said(await read(await leader))


async def test_nothing_is_left_behind(house: House, upstreams: Upstreams) -> None:
    for stream in (False, True):
        await read(await house.ask(call(stream=stream, seed=int(stream))))
        await house.pipeline.parts.background.drained()
    flights = house.pipeline.parts.flights
    assert flights is not None
    assert len(flights) == 0
