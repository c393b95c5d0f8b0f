"""If these fail, what was masked comes back as somebody else's, or the books do not know of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from msgspec.structs import replace

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, call, header, read
from tests.gateway.pipeline.caches import CACHED, kept_under
from tests.gateway.pipeline.test_attempts import both
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire

MASKED: dict[str, Any] = {**CACHED, "policy": {"rules": [{"types": ["CREDIT_CARD"], "action": "mask"}]}}


async def test_an_answer_that_was_masked_in_another_way_is_not_given_again(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """As by an older release that found other things: its placeholders would stand for somebody else."""
    house = open_house(**MASKED)
    upstreams.cloud.always("parrot")
    assert CARD in str(json.loads((await house.ask(call(CARD, "cloud"))).body))
    parts = house.pipeline.parts
    await parts.background.drained()
    assert parts.cache is not None
    key = kept_under(house, call(CARD, "cloud"))
    entry = await parts.cache.get(key, within=60)
    assert entry is not None
    assert b"0154" not in entry.body
    assert b"<CREDIT_CARD_1>" in entry.body
    assert header(await house.ask(call(CARD, "cloud")), "x-tidegate-cache") == "hit"
    await parts.cache.put(key, replace(entry, masked="of-another-form"), keep=60)
    assert header(await house.ask(call(CARD, "cloud")), "x-tidegate-cache") == "miss"


async def test_the_books_of_a_masked_call_are_those_of_any(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**MASKED)
    upstreams.cloud.always("parrot")
    reply = await house.ask(call(CARD, "cloud"))
    assert CARD in str(json.loads(reply.body))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.intent.zone, settlement.intent.clearance) == ("ok", "cloud", "masked")
    assert settlement.intent.findings == settlement.intent.masked == {"CREDIT_CARD": 1}
    assert settlement.usage is not None
    assert settlement.usage.prompt_tokens == len(upstreams.cloud.journal.last.json()["messages"][0]["content"].split())
    assert house.counted("tidegate_masked_total", type="CREDIT_CARD") == 1
    assert house.counted("tidegate_guard_refusals_total") == 0


async def test_a_server_that_does_not_stream_is_restored_in_the_stream_made_of_it(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    async def whole(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        asked = json.loads((await request_of(reader)).body)
        message = {"role": "assistant", "content": asked["messages"][0]["content"]}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        await reply.json(200, {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": choices})

    async with serving(whole) as base_url:
        house = open_house(**MASKED, deployments=both(upstreams, large={"base_url": base_url}))
        body = await read(await house.ask(call(CARD, "away", stream=True)))
    chunks = [json.loads(line[6:]) for line in body.decode().split("\n\n") if line.startswith("data: {")]
    assert "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]) == CARD
