"""If these fail, Ollama's clients believe that nothing runs here, or that it is too old for them."""

from __future__ import annotations

import json

import pytest

from gateway.access.principal import Principal
from gateway.dialects.ollama.heartbeat import OllamaHeartbeat
from gateway.wire.errors import MethodNotAllowed, NotServed
from router.clearance import LOCAL
from tests.gateway.dialects.ollama.asking import ask, said
from tests.gateway.house import House, header

NOBODY = Principal("", None, frozenset(), LOCAL)


async def test_the_words_that_clients_look_for(house: House) -> None:
    reply = await ask(OllamaHeartbeat(), house, "/", principal=NOBODY, method="GET")
    assert reply.body == b"Ollama is running"
    assert str(header(reply, "content-type")).startswith("text/plain")


async def test_a_version_that_clients_can_compare(house: House) -> None:
    told = await said(await ask(OllamaHeartbeat(), house, "/api/version", principal=NOBODY, method="GET"))
    assert [int(number) for number in told["version"].split(".")] >= [0, 6, 4]  # what editors ask for


async def test_who_sends_something_to_the_root_has_lost_its_way(house: House) -> None:
    with pytest.raises(NotServed) as caught:
        await ask(OllamaHeartbeat(), house, "/", {"model": "auto"}, principal=NOBODY)
    reply = OllamaHeartbeat().failure(caught.value, "req_1")
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (404, "unknown_url")
    reply = OllamaHeartbeat().failure(MethodNotAllowed("PUT", ["GET"]), "req_1")
    assert isinstance(json.loads(reply.body)["error"], str)


@pytest.mark.parametrize("headers", [{}, {b"authorization": b"Bearer wrong"}])
def test_whoever_asks_may_know(headers: dict[bytes, bytes]) -> None:
    assert OllamaHeartbeat().open_to_all
    assert OllamaHeartbeat().credential(headers) is None
