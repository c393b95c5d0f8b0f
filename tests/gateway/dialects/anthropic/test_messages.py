"""If these fail, an Anthropic client gets no answer, or one without its receipt, or tokens are counted by asking."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.anthropic.messages import AnthropicMessages
from gateway.wire.errors import BadRequest, Forbidden, ModelNotFound, NotServed, Unauthenticated
from gateway.wire.http import Reply, Request
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.anthropic.asking import Heard
from tests.gateway.house import CARD, DEVELOPER, EASY, KEY, House, header, read
from tests.servers.upstream import Upstreams

FEW = Principal("few", None, frozenset({"home"}), ANY)


async def send(
    house: House, body: dict[str, Any], path: str = "/v1/messages", principal: Principal = DEVELOPER
) -> Reply:
    request = Request("POST", path, {}, json.dumps(body).encode(), "req_1")
    return await AnthropicMessages().answer(request, house.pipeline, principal)


def ask(text: str = EASY, model: str = "auto", **more: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": text}], **more}


async def test_a_whole_answer_has_its_receipt(house: House) -> None:
    reply = await send(house, ask())
    answer = json.loads(reply.body)
    assert answer["content"][0]["text"].startswith("local-model says")
    assert (answer["model"], answer["stop_reason"]) == ("auto", "end_turn")
    assert header(reply, "request-id") == header(reply, "x-request-id") == "req_1"
    assert header(reply, "x-tidegate-deployment") == "small"
    assert header(reply, "content-type") == "application/json"
    assert reply.over is not None


async def test_a_stream_has_it_too_and_is_settled(house: House) -> None:
    reply = await send(house, ask(stream=True))
    assert header(reply, "content-type") == "text/event-stream; charset=utf-8"
    assert [name for name, _ in reply.headers].count(b"content-type") == 1
    assert (header(reply, "request-id"), header(reply, "x-tidegate-zone")) == ("req_1", "local")
    heard = Heard.of(await read(reply))
    assert heard.is_over
    assert heard.text().startswith("local-model says")
    (settlement,) = house.settlements()
    assert settlement.usage is not None
    assert heard.end["usage"]["output_tokens"] == settlement.usage.completion_tokens


@pytest.mark.parametrize("stream", [False, True])
async def test_it_is_cached_like_any_other(open_house: OpenHouse, upstreams: Upstreams, stream: bool) -> None:
    house = open_house(cache={"enabled": True})
    first = await read(await send(house, ask()))
    await house.pipeline.parts.background.drained()
    again = await send(house, ask(stream=stream))
    assert header(again, "x-tidegate-cache") == "hit"
    said = await read(again)
    text = Heard.of(said).text() if stream else json.loads(said)["content"][0]["text"]
    assert text == json.loads(first)["content"][0]["text"]


async def test_tokens_are_counted_without_asking_anybody(house: House, upstreams: Upstreams) -> None:
    body = ask(CARD, "away")
    del body["max_tokens"]
    reply = await send(house, body, "/v1/messages/count_tokens")
    assert json.loads(reply.body).keys() == {"input_tokens"}
    assert 10 < json.loads(reply.body)["input_tokens"] < 40
    assert header(reply, "request-id") == "req_1"
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""
    assert house.records() == []


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
async def test_models_that_are_not_there_or_not_yours(house: House, path: str) -> None:
    with pytest.raises(ModelNotFound):
        await send(house, ask(model="claude-opus-4-6"), path)
    with pytest.raises(Forbidden):
        await send(house, ask(), path, FEW)
    with pytest.raises(BadRequest):
        await send(house, ask(model="embed"), path)


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/messages/batches/b_1/results", "/v1/messages/"])
async def test_what_is_not_served_says_so(house: House, path: str) -> None:
    with pytest.raises(NotServed):
        await send(house, {}, path)


def test_the_key_has_two_places() -> None:
    dialect = AnthropicMessages()
    assert not dialect.open_to_all
    assert dialect.credential({b"x-api-key": b"a"}) == b"Bearer a"
    assert dialect.credential({b"authorization": b"Bearer b"}) == b"Bearer b"
    assert dialect.credential({b"x-api-key": b"a", b"authorization": b"Bearer b"}) == b"Bearer a"
    assert dialect.credential({}) is None


def test_an_empty_key_is_none(house: House) -> None:
    keyring = house.gateway.current.keyring
    dialect = AnthropicMessages()
    assert keyring.authenticate(dialect.credential({b"x-api-key": KEY.encode()})).name == "dev"
    for wrong in (b"", b" ", b"x"):
        with pytest.raises(Unauthenticated):
            keyring.authenticate(dialect.credential({b"x-api-key": wrong}))
