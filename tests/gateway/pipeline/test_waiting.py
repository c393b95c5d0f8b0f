"""If these fail, a client that waits for a model at home is cut off on the way, or is answered by nobody."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from gateway.wire.errors import GatewayError, NoDeployment, UpstreamFailed, UpstreamTimedOut
from gateway.wire.http import Message, Reply
from gateway.wire.line import Line
from gateway.wire.sse import DONE
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, House, call, deployment, header, read, settings
from tests.gateway.listener import Listener
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire

SOON = 0.02  # seconds
SMALL, LARGE = (
    f": x-tidegate-deployment: {name}\n: x-tidegate-zone: {zone}\n\n".encode()
    for name, zone in (("small", "local"), ("large", "cloud"))
)


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house(server={"keep_alive_comment": SOON})


def events(body: bytes) -> list[dict[str, Any]]:
    data = [event[6:] for event in body.split(b"\n\n") if event.startswith(b"data: ") and event + b"\n\n" != DONE]
    return [json.loads(text) for text in data]


def text(body: bytes) -> str:
    choices = [choice for event in events(body) for choice in event.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


async def test_who_waits_for_a_model_at_home_gets_comments_until_it_speaks(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hold:0")
    client = Listener()
    task = asyncio.create_task(house.ask(client.asks()))
    await client.heard(3)
    assert client.fields()["content-type"] == "text/event-stream; charset=utf-8"
    assert client.fields()["x-tidegate-route"] == "auto"
    assert not {"x-tidegate-deployment", "x-tidegate-zone"} & client.fields().keys()  # another may answer yet
    assert house.settlements() == []
    upstreams.local.release()
    body = await read(await task)
    client.assert_heard_comments_only(3)
    assert body.startswith(SMALL + b"data: ")
    assert body.endswith(DONE)
    assert text(body).startswith("local-model says")
    assert [settlement.outcome for settlement in house.settlements()] == ["ok"]
    assert house.counted("tidegate_requests_total", route="auto", status="2xx", stream="true") == 1


async def test_an_answer_that_comes_in_time_is_as_ever(open_house: OpenHouse) -> None:
    client = Listener()
    reply = await open_house().ask(client.asks())
    assert header(reply, "x-tidegate-deployment") == "small"
    body = await read(reply)
    assert body.startswith(b"data: ")
    assert body.endswith(DONE)
    assert b"\n: " not in body
    assert client.sent == []


@pytest.mark.parametrize(
    ("model", "stream", "comment"), [("away", True, SOON), ("home", False, SOON), ("home", True, 0)]
)
async def test_elsewhere_unstreamed_and_switched_off_nothing_is_promised(
    open_house: OpenHouse, upstreams: Upstreams, model: str, stream: bool, comment: float
) -> None:
    upstreams.local.next("slow_first:0.1")
    upstreams.cloud.next("slow_first:0.1")
    client = Listener()
    reply = await open_house(server={"keep_alive_comment": comment}).ask(client.asks(model=model, stream=stream))
    assert header(reply, "x-tidegate-deployment") == ("large" if model == "away" else "small")
    assert b": ping" not in await read(reply)
    assert client.sent == []


async def test_a_format_without_comments_gets_none(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("slow_first:0.1")
    reply = await house.ask(call(stream=True))
    assert header(reply, "x-tidegate-deployment") == "small"
    assert b": " not in (await read(reply)).split(b"data: ", 1)[0]


async def test_the_next_deployment_is_asked_although_comments_were_sent(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    client = Listener()
    body = await read(await house.ask(client.asks()))
    client.assert_heard_comments_only()
    assert body.startswith(LARGE)
    assert text(body).startswith("cloud-model says")
    assert body.endswith(DONE)
    assert [(s.intent.deployment, s.outcome) for s in house.settlements()] == [("small", "error"), ("large", "ok")]


async def test_comments_go_on_while_the_next_one_is_slow(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    upstreams.cloud.next("hold:0")
    client = Listener()
    task = asyncio.create_task(house.ask(client.asks()))
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    await client.heard(len(client.sent) + 2)
    upstreams.cloud.release()
    assert text(await read(await task)).startswith("cloud-model says")


async def test_where_all_fail_it_is_told_on_the_line(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    upstreams.cloud.next("status:500")
    client = Listener()
    with pytest.raises(UpstreamFailed) as failed:
        await house.ask(client.asks())
    client.assert_heard_comments_only()
    assert client.line.has_begun
    (event,) = events(client.line.cut(failed.value))
    assert event["error"].keys() == {"message", "type", "param", "code"}
    assert (event["error"]["type"], event["error"]["code"]) == ("server_error", "upstream_failed")
    assert [settlement.outcome for settlement in house.settlements()] == ["error", "error"]
    assert house.counted("tidegate_requests_total", route="auto", status="5xx", stream="true") == 1
    assert house.counted("tidegate_requests_total", status="2xx") == 0


async def test_what_is_sensitive_stays_however_long_it_waits(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hang")
    client = Listener()
    with pytest.raises(NoDeployment):
        await house.ask(client.asks(CARD, "cloud"))
    client.assert_heard_comments_only()
    upstreams.assert_cloud_saw_nothing()


@contextlib.asynccontextmanager
async def kept_waiting(
    open_house: OpenHouse, upstreams: Upstreams, answer: Callable[[Wire], Awaitable[None]]
) -> AsyncIterator[tuple[House, asyncio.Task[Reply], asyncio.Event]]:
    """A house, a client's request there that waits, and an event that lets the model at home give its answer."""
    told = asyncio.Event()

    async def conversation(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await told.wait()
        await answer(reply)
        await reader.read()

    async with serving(conversation) as base_url:
        small = {**deployment(upstreams.local, "local"), "base_url": base_url}
        deployments = {**settings(upstreams)["deployments"], "small": small}
        house = open_house(deployments=deployments, server={"keep_alive_comment": SOON})
        client = Listener()
        task = asyncio.create_task(house.ask(client.asks()))
        await client.heard(1)
        yield house, task, told


async def test_what_is_wrong_with_the_request_is_told_late_but_told(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """No other deployment is asked: it would say the same."""
    error = {"message": "Too long.", "type": "invalid_request_error", "param": "messages", "code": "too_long"}

    async def refusal(reply: Wire) -> None:
        await reply.json(400, {"error": error})

    async with kept_waiting(open_house, upstreams, refusal) as (_, task, told):
        told.set()
        with pytest.raises(GatewayError) as refused:
            await task
    assert (refused.value.message, refused.value.code) == ("Too long.", "too_long")
    upstreams.assert_cloud_saw_nothing()


async def test_a_server_that_does_not_stream_may_be_slow_too(open_house: OpenHouse, upstreams: Upstreams) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "whole"}, "finish_reason": "stop"}

    async def whole(reply: Wire) -> None:
        await reply.json(200, {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    async with kept_waiting(open_house, upstreams, whole) as (_, task, told):
        told.set()
        body = await read(await task)
    assert body.startswith(SMALL)
    assert text(body) == "whole"
    assert body.endswith(DONE)


async def test_an_answer_that_nobody_reads_any_more_is_closed(open_house: OpenHouse, upstreams: Upstreams) -> None:
    chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "word"}}]}

    async def beginning(reply: Wire) -> None:
        await reply.begin_stream()
        await reply.piece(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    async with kept_waiting(open_house, upstreams, beginning) as (house, task, told):
        told.set()
        reply = await task
        assert reply.stream is not None
        assert events(reply.stream.broken_off(UpstreamFailed("Gone.")))[0]["error"]["message"] == "Gone."
        assert house.settlements() == []
        reply.stream.close()
        assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]


@pytest.mark.parametrize(("pings", "reads"), [(0, -1), (2, -1), (1, 2)])
async def test_a_client_that_leaves_while_it_waits_takes_the_upstream_along(
    house: House, upstreams: Upstreams, pings: int, reads: int
) -> None:
    """Before any comment, between two, and with one on the way that it does not take."""
    upstreams.local.next("hold:0")
    client = Listener(reads)
    task = asyncio.create_task(house.ask(client.asks()))
    (exchange,) = await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 1)
    if pings:
        await client.heard(pings)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]
    assert house.counted("tidegate_requests_total", route="auto", status="4xx", stream="true") == 1
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, exchange)
    assert house.pipeline.parts.keep_alive._waiting == {}


async def test_an_answer_does_not_wait_for_a_comment_that_nobody_takes(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(server={"keep_alive_comment": SOON})
    upstreams.local.next("hold:0")
    client = Listener(reads=2)
    task = asyncio.create_task(house.ask(client.asks()))
    await client.heard(1)
    upstreams.local.release()
    assert text(await read(await task)).startswith("local-model says")


async def test_elsewhere_a_failure_has_its_status(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("hang")
    client = Listener()
    with pytest.raises(UpstreamTimedOut):
        await house.ask(client.asks(EASY, "away"))
    assert not client.line.has_begun


async def test_a_client_that_leaves_just_as_the_answer_comes(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """The last comment is still on its way, and the answer is there: what was asked for is settled, and let go."""
    house = open_house(server={"keep_alive_comment": SOON})
    upstreams.local.next("hold:0")
    stuck, told_to_stop, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            stuck.set()
            try:
                await over.wait()
            except asyncio.CancelledError:
                told_to_stop.set()
                await over.wait()

    asked = call(stream=True)
    asked.line = Line(send)
    task = asyncio.create_task(house.ask(asked))
    async with asyncio.timeout(5):
        await stuck.wait()
        upstreams.local.release()
        await told_to_stop.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]
    over.set()
