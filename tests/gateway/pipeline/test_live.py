"""If these fail, a stream loses words, ends as if it were whole when it is not, or is not paid for."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.pipeline import live
from gateway.wire.errors import UpstreamFailed
from gateway.wire.http import Reply
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, deployment, header, read, settings
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire

DONE = b"data: [DONE]\n\n"
USAGE: dict[str, Any] = {"stream_options": {"include_usage": True}}


def events(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in body.decode().split("\n\n") if line and line != "data: [DONE]"]


def text(body: bytes) -> str:
    choices = [choice for event in events(body) for choice in event.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


async def test_a_clean_stream_is_settled_before_its_end_is_let_through(house: House) -> None:
    reply = await house.ask(call(model="away", stream=True))
    assert reply.stream is not None
    seen = b""
    while DONE not in seen:
        assert [s.outcome for s in house.settlements()] == []
        piece = await reply.stream.next()
        if b'"finish_reason": "stop"' in piece or DONE in piece:
            (settlement,) = house.settlements()
            assert settlement.outcome == "ok"
            assert settlement.cost is not None
            assert settlement.cost > 0
            assert settlement.first_token is not None
        seen += piece
    assert await reply.stream.next() == b""
    reply.stream.close()
    assert len(house.settlements()) == 1
    assert header(reply, "x-tidegate-cost-usd") is None  # not known when the headers left


async def test_a_stream_that_came_at_once_leaves_at_once(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("one_write")
    reply = await house.ask(call(model="away", stream=True))
    assert reply.stream is not None
    assert house.settlements() == []
    stream = reply.stream
    ended = [stream.ended]
    body = await stream.next()
    assert text(body).startswith("cloud-model says")
    assert body.endswith(DONE)
    assert [*ended, stream.ended] == [False, True]
    assert [settlement.outcome for settlement in house.settlements()] == ["ok"]
    assert await reply.stream.next() == b""
    reply.stream.close()
    assert len(house.settlements()) == 1


@pytest.mark.parametrize("asked", [False, True])
async def test_usage_and_receipt_come_only_where_asked_for(house: House, asked: bool) -> None:
    """An extra field breaks strict clients, and usage nobody asked for confuses the others."""
    headers = {"x-tidegate-receipt": "stream"} if asked else {}
    more: dict[str, Any] = USAGE if asked else {}
    body = await read(await house.ask(call(model="away", stream=True, headers=headers, **more)))
    last = events(body)[-1]
    if not asked:
        assert b'"usage"' not in body
        assert b"tidegate" not in body
        return
    assert last["choices"] == []
    assert last["usage"]["prompt_tokens"] == 6
    assert Decimal(last["tidegate"]["cost_usd"]) == house.settlements()[0].cost
    assert last["tidegate"]["deployment"] == "large"


async def test_a_server_that_counts_nothing_is_estimated_and_the_estimate_is_shown(
    house: House, upstreams: Upstreams
) -> None:
    upstreams.cloud.next("usage_missing")
    body = await read(await house.ask(call(model="away", stream=True, **USAGE)))
    (settlement,) = house.settlements()
    assert settlement.usage is not None
    assert settlement.usage.estimated
    assert settlement.usage.completion_tokens > 0
    last = events(body)[-1]
    assert last["usage"]["completion_tokens"] == settlement.usage.completion_tokens
    assert last["id"] == events(body)[0]["id"]


@pytest.mark.parametrize("fault", ["cut:3:fin", "cut:3:rst", "cut:3:clean", "stall:3"])
async def test_a_cut_stream_says_so_and_is_settled_as_one(house: House, upstreams: Upstreams, fault: str) -> None:
    upstreams.cloud.next(fault)
    body = await read(await house.ask(call(model="away", stream=True)))
    assert DONE not in body
    assert set(events(body)[-1]["error"]) == {"message", "type", "param", "code"}
    assert text(body) == "cloud-model says: "
    (settlement,) = house.settlements()
    assert settlement.outcome == "cut"
    assert settlement.usage is not None
    assert settlement.usage.completion_tokens > 0


@pytest.mark.parametrize("end", [b'data: {"error":{"message":"x"}}\n\n', b"data: {oops\n\n", b"data: []\n\n"])
async def test_words_that_came_in_one_piece_with_a_fault_are_not_lost(
    open_house: OpenHouse, upstreams: Upstreams, end: bytes
) -> None:
    chunk = {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "word "}}]}
    frame = b"data: " + json.dumps(chunk).encode() + b"\n\n"
    promised = asyncio.Event()

    async def in_one_piece(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await reply.begin_stream()
        await reply.piece(frame)
        await promised.wait()
        await reply.piece(frame + frame + end)
        await reply.end_stream()

    async with serving(in_one_piece) as base_url:
        away = {**deployment(upstreams.cloud, "cloud"), "base_url": base_url}
        house = open_house(deployments={**settings(upstreams)["deployments"], "large": away})
        reply = await house.ask(call(model="away", stream=True))
        promised.set()
        assert text(await read(reply)) == "word word word "


async def test_an_odd_index_is_no_fault_of_ours(open_house: OpenHouse, upstreams: Upstreams) -> None:
    choice = {"index": ["x"], "delta": {"content": "word"}, "finish_reason": "stop"}

    async def odd(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await reply.begin_stream()
        await reply.piece(b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n" + DONE)
        await reply.end_stream()

    async with serving(odd) as base_url:
        away = {**deployment(upstreams.cloud, "cloud"), "base_url": base_url}
        house = open_house(deployments={**settings(upstreams)["deployments"], "large": away})
        assert (await read(await house.ask(call(model="away", stream=True)))).endswith(DONE)


@pytest.mark.parametrize("fault", ["no_done", "done_twice", "after_done", "crlf", "ping", "multi_line", "unicode:1"])
async def test_odd_but_whole_streams_end_once(house: House, upstreams: Upstreams, fault: str) -> None:
    upstreams.cloud.next(fault)
    body = await read(await house.ask(call(model="away", stream=True)))
    assert body.endswith(DONE)
    assert body.count(DONE) == 1
    assert b"AFTER" not in body
    assert house.settlements()[0].outcome == "ok"


async def test_a_server_that_dawdles_at_the_end_is_not_waited_for(
    house: House, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "END_GRACE", 0.05)
    upstreams.cloud.next("stall_after_finish")
    body = await read(await house.ask(call(model="away", stream=True)))
    assert body.endswith(DONE)
    assert house.settlements()[0].outcome == "ok"


@pytest.mark.parametrize(
    "fault",
    ["error_frame:0", "error_event", "invalid_sse", "only_done", "cut:0:clean", "garbage_json", "empty", "hang_first"],
)
async def test_nothing_is_promised_before_the_first_event(house: House, upstreams: Upstreams, fault: str) -> None:
    upstreams.cloud.next(fault)
    with pytest.raises(UpstreamFailed):
        await house.ask(call(model="away", stream=True))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", None)
    await asyncio.to_thread(
        upstreams.cloud.journal.wait,
        "the connection to be given up or back",
        lambda: bool(upstreams.cloud.journal.last.finished or upstreams.cloud.journal.last.visit.closed),
    )


async def test_a_client_that_leaves_is_settled_with_what_it_got(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("stall:4")
    reply = await house.ask(call(model="away", stream=True))
    assert reply.stream is not None
    while b"says" not in await reply.stream.next():
        pass
    reply.stream.close()
    reply.stream.close()
    (settlement,) = house.settlements()
    assert settlement.outcome == "cancelled"
    assert settlement.usage is not None
    assert settlement.usage.completion_tokens > 0
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, upstreams.cloud.journal.last)


@pytest.mark.parametrize("pieces", ["ok", "one_write"])
async def test_what_cannot_be_written_down_is_not_completed(house: House, upstreams: Upstreams, pieces: str) -> None:
    """A disk that fills up in the middle of a stream: the client is told that it was cut."""
    upstreams.cloud.next(pieces)
    reply = await house.ask(call(model="away", stream=True))
    house.gateway.journal.close()
    body = await read(reply)
    assert DONE not in body
    assert b'"stop"' not in body
    assert text(body).startswith("cloud-model says")
    assert events(body)[-1]["error"]["code"] == "ledger_unavailable"
    assert house.counted("tidegate_journal_faults_total") >= 1


async def test_only_a_whole_stream_is_kept(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={"enabled": True})
    said = []
    for fault in ("cut:3:clean", "ok", "ok"):
        upstreams.local.next(fault)
        said.append(await read(await ask_and_fill(house)))
        await house.pipeline.parts.background.drained()
    assert len(upstreams.local.journal.exchanges) == 2
    assert text(said[2]) == text(said[1])
    assert said[2].endswith(DONE)


async def ask_and_fill(house: House) -> Reply:
    return await house.ask(call(model="home", stream=True))


async def test_several_choices_end_when_all_have(house: House) -> None:
    body = await read(await house.ask(call(model="away", stream=True, n=3)))
    finished = [c["index"] for e in events(body) for c in e["choices"] if c["finish_reason"]]
    assert sorted(finished) == [0, 1, 2]
    assert body.endswith(DONE)
