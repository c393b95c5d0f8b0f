"""If these fail, a failing deployment is an answer's end, or is written down as what it is not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from gateway.wire.errors import (
    BadRequest,
    TooManyRequests,
    UpstreamFailed,
    UpstreamTimedOut,
)
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, header, read, settings
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire


def both(upstreams: Upstreams, **changes: dict[str, object]) -> dict[str, object]:
    """The two deployments, with changes to either."""
    deployments = settings(upstreams)["deployments"]
    return {name: {**deployment, **changes.get(name, {})} for name, deployment in deployments.items()}


@pytest.mark.parametrize("stream", [False, True])
async def test_the_next_deployment_answers_where_the_first_fails(
    house: House, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.next("status:500")
    reply = await house.ask(call(stream=stream))
    assert b"cloud-model" in await read(reply)
    first, second = house.settlements()
    assert (first.outcome, first.status, first.cost) == ("error", 502, Decimal(0))
    assert second.outcome == "ok"
    assert second.cost is not None
    assert second.cost > 0
    assert [intent.attempt_id for intent in house.intents()] == ["req_1-1", "req_1-2"]


@pytest.mark.parametrize("fault", ["reset", "close", "garbage"])
async def test_a_server_that_breaks_off_after_the_request_may_have_cost_something(
    house: House, upstreams: Upstreams, fault: str
) -> None:
    """Unknown is null, never 0: it may have generated before it went."""
    upstreams.cloud.next(fault)
    with pytest.raises(UpstreamFailed):
        await house.ask(call(model="away"))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", None)


async def test_a_server_that_cannot_be_reached_cost_nothing(house: House, upstreams: Upstreams) -> None:
    with upstreams.cloud.down(), pytest.raises(UpstreamFailed):
        await house.ask(call(model="away"))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", Decimal(0))


async def test_a_silent_server_is_a_time_out_of_unknown_cost(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("hang")
    with pytest.raises(UpstreamTimedOut):
        await house.ask(call(model="away", stream=True))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.status, settlement.cost) == ("error", 504, None)


async def test_a_rate_limit_is_passed_on_only_when_nobody_else_answers(house: House, upstreams: Upstreams) -> None:
    upstreams.local.always("status:429:7")
    assert (await house.ask(call())).status == 200
    with pytest.raises(TooManyRequests) as caught:
        await house.ask(call(model="home"))
    assert caught.value.retry_after == 7


async def test_a_refusal_of_the_request_itself_is_final_and_free(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("status:400")
    with pytest.raises(BadRequest):
        await house.ask(call())
    (settlement,) = house.settlements()
    assert (settlement.status, settlement.cost) == (400, Decimal(0))
    upstreams.assert_cloud_saw_nothing()


async def test_a_server_that_cannot_stream_still_gives_the_client_a_stream(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("json_for_stream")
    body = await read(await house.ask(call(stream=True)))
    assert body.endswith(b"data: [DONE]\n\n")
    assert b"local-model" in body
    assert house.settlements()[0].outcome == "ok"


@pytest.mark.parametrize("choices", [[None], [{}], [{"message": None}], [{"message": "x"}], []])
@pytest.mark.parametrize("stream", [False, True])
async def test_garbage_instead_of_an_answer_is_a_failure_not_a_fault(
    open_house: OpenHouse, upstreams: Upstreams, choices: list[object], stream: bool
) -> None:
    """Choices that are none: the next deployment answers."""

    async def garbage(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await reply.json(200, {"id": "x", "object": "chat.completion", "choices": choices})

    async with serving(garbage) as base_url:
        house = open_house(deployments=both(upstreams, small={"base_url": base_url}))
        assert b"cloud-model" in await read(await house.ask(call(stream=stream)))


async def test_a_deployment_that_keeps_failing_is_tried_last(house: House, upstreams: Upstreams) -> None:
    upstreams.local.always("status:500")
    for _ in range(5):
        await house.ask(call())
    assert len(upstreams.local.journal.exchanges) == 3
    upstreams.local.always("ok")
    assert header(await house.ask(call(CARD)), "x-tidegate-deployment") == "small"
