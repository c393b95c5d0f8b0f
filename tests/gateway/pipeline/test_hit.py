"""If these fail, an answer given again is not the one that was given, or is given for free without anybody knowing."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gateway.cache.entry import Entry
from gateway.pipeline.admit import admit
from gateway.pipeline.hit import FrameStream, hit
from gateway.wire.call import Call
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, call, deployment, header, read
from tests.servers.upstream import Upstreams

BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0, "total_tokens": 1_000_000},
    }
).encode()
ENTRY = Entry(BODY, 0.0, "large", "cloud", "cloud-model", "any", 1_000_000, 0)


async def given_again(house: House, asked: Call) -> bytes:
    parts = house.pipeline.parts
    reply = hit(parts, admit(parts, asked, DEVELOPER), ENTRY, 7.9)
    assert header(reply, "x-tidegate-cache") == "hit"
    assert header(reply, "x-tidegate-cost-usd") == "0"
    assert header(reply, "x-tidegate-deployment") == "large"
    assert header(reply, "x-tidegate-reason") == "cache"
    assert header(reply, "age") == "7"
    return await read(reply)


async def test_a_whole_answer_is_the_same_bytes(house: House) -> None:
    assert await given_again(house, call()) == BODY


@pytest.mark.parametrize("usage", [False, True])
async def test_a_stream_is_made_of_it_where_one_was_asked_for(house: House, usage: bool) -> None:
    asked = call(stream=True, stream_options={"include_usage": usage}, headers={"x-tidegate-receipt": "stream"})
    body = await given_again(house, asked)
    assert body.endswith(b"data: [DONE]\n\n")
    assert b"Paris." in body
    assert (b'"tidegate"' in body) == usage
    assert (b'"prompt_tokens"' in body) == usage


async def test_it_is_in_the_books_with_what_it_saved(house: House) -> None:
    await given_again(house, call(model="cloud", headers={"x-tidegate-tags": "eval"}))
    (settlement,) = house.settlements()
    intent = settlement.intent
    assert (intent.deployment, intent.reason, intent.model) == ("", "cache", "cloud-model")
    assert intent.tags == ("eval",)
    assert (settlement.outcome, settlement.cost, settlement.counterfactual) == ("hit", Decimal(0), Decimal("2.50"))
    assert house.counted("tidegate_saved_dollars_total", route="cloud") == 2.5


async def test_what_a_machine_would_have_taken_for_it_is_unknown_and_not_nothing(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    machine = {"machine": {"watts": 450, "per_kwh": 1, "per_hour": 1}}
    large = deployment(upstreams.cloud, "cloud", price=machine)
    house = open_house(deployments={"small": deployment(upstreams.local, "local"), "large": large})
    await given_again(house, call(model="cloud"))
    (settlement,) = house.settlements()
    assert (settlement.cost, settlement.counterfactual) == (Decimal(0), None)


async def test_it_has_one_line_as_no_call_is_made(house: House) -> None:
    await given_again(house, call())
    assert len(house.records()) == 1


async def test_frames_go_many_at_once_each_of_them_once_and_end_once() -> None:
    frames = [b"data: %d\n\n" % number for number in range(1000)]
    stream = FrameStream(frames)
    pieces = []
    while piece := await stream.next():
        pieces.append(piece)
    assert b"".join(pieces) == b"".join(frames)
    assert len(pieces) < 10
    assert await stream.next() == b""
    stream.close()
