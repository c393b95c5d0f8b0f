"""What a request says beside its body goes nowhere: not to a model, not into a log, not to anybody else."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from tests.harness.client import ask, http, post
from tests.harness.gateway import bearer
from tests.harness.prompts import EASY
from tests.locality.cases import NOT_AGAIN
from tests.locality.plants import plant
from tests.locality.world import OK, World, route_of

ROUTE = route_of("first", OK, "text")
HEADERS = (
    "x-request-id", "x-correlation-id", "traceparent", "tracestate", "baggage", "user-agent", "referer", "cookie",
    "origin", "x-forwarded-for", "forwarded", "via", "x-real-ip", "idempotency-key", "openai-organization",
    "openai-project", "openai-beta", "anthropic-version", "anthropic-beta", "x-stainless-lang", "x-upstream-note",
    "x-tidegate-route", "x-tidegate-deployment", "x-tidegate-anything", "accept", "accept-language", "range", "from",
    "expect-ct", "x-api-key-id", "proxy-authorization",
)  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_headers(world: World, name: str) -> None:
    value = plant("card", HEADERS.index(name)).value
    world.haystack.add(value, f"header {name}")
    before = len(world.cloud.journal.exchanges)
    answer = post(world.gateway, ask(EASY, ROUTE), headers={**NOT_AGAIN, name: value})
    assert answer.status_code == 200, answer.text
    assert len(world.cloud.journal.exchanges) == before + 1
    assert not world.haystack.found_in(world.cloud.journal.raw)
    told = "\n".join(f"{name}: {text}" for name, text in answer.headers.items()).encode()
    assert not world.haystack.found_in(told)


@pytest.mark.parametrize("number", range(6))
def test_addresses(world: World, number: int) -> None:
    """In the query, as a path, as a stored response that is none."""
    value = quote(plant("email", 200 + number).value)
    world.haystack.add(plant("email", 200 + number).value, f"address {number}")
    method, path = [
        ("POST", f"/v1/chat/completions?note={value}"),
        ("GET", f"/v1/models?note={value}"),
        ("GET", f"/v1/models/{value}"),
        ("GET", f"/v1/responses/{value}"),
        ("GET", f"/{value}"),
        (value.replace("%40", "-at-"), "/v1/models"),
    ][number]
    with http() as client:
        client.request(method, world.gateway.root + path, json=ask(EASY, ROUTE), headers=bearer(world.gateway.key))
    assert not world.haystack.found_in(world.cloud.journal.raw)


MESSAGES = '[{"role": "user", "content": "x"}]'
BROKEN: Mapping[str, str] = {
    "a model that is none": '{"model": "VALUE", "messages": [{"role": "user", "content": "x"}]}',
    "no JSON": '{"model": "ROUTE", "messages": [{"role": "user", "content": "VALUE"',
    "no object": '["VALUE"]',
    "no list": '{"model": "ROUTE", "messages": "VALUE"}',
    "a role that is no text": '{"model": "ROUTE", "messages": [{"role": {"VALUE": 1}, "content": "x"}]}',
    "a stream that is no flag": '{"model": "ROUTE", "messages": MESSAGES, "stream": "VALUE"}',
    "options that are none": '{"model": "ROUTE", "messages": MESSAGES, "stream": true, "stream_options": "VALUE"}',
    "a lone surrogate": '{"model": "ROUTE", "messages": [{"role": "user", "content": "VALUE \\ud800"}]}',
    "too deep": '{"model": "ROUTE", "messages": MESSAGES, "a": ' + "[" * 300 + '"VALUE"' + "]" * 300 + "}",
    "a number without end": '{"model": "ROUTE", "messages": [{"role": "user", "content": "VALUE"}], "n": 1e999999}',
    "a label that is none": '{"model": "ROUTE", "messages": MESSAGES, "metadata": {"tidegate_locality": "VALUE"}}',
}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/api/chat"])
@pytest.mark.parametrize("how", BROKEN)
def test_requests_that_are_none(world: World, how: str, path: str) -> None:
    value = plant("iban", 300 + sorted(BROKEN).index(how)).value
    world.haystack.add(value, how)
    before = world.cloud.journal.bytes_received
    body = BROKEN[how].replace("VALUE", value).replace("ROUTE", ROUTE).replace("MESSAGES", MESSAGES)
    with http() as client:
        answer = client.post(world.gateway.root + path, content=body, headers=bearer(world.gateway.key))
    assert answer.status_code >= 400 or not world.haystack.found_in(world.cloud.journal.raw[before:])


@pytest.mark.parametrize("number", range(5))
def test_what_is_no_http(world: World, number: int) -> None:
    value = plant("token", 400 + number).value
    world.haystack.add(value, f"no HTTP, {number}")
    data = [
        f"{value}\r\n\r\n",
        f"POST /v1/chat/completions HTTP/9.9\r\n{value}: x\r\n\r\n",
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {value}\r\ncontent-length: {value}\r\n\r\n",
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{value}\r\n",
        f"POST /v1/messages HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {value}\r\ncontent-length: 2\r\n\r\n{{}}",
    ][number]
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=5) as connection:
        connection.sendall(data.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    assert not world.haystack.found_in(world.cloud.journal.raw)


def test_metadata_of_a_response(world: World) -> None:
    """It is kept for the client, encrypted, and told to nobody: what it says does not keep the rest at home."""
    planted = plant("email", 500)
    world.haystack.add(planted.value, "metadata of a response")
    body = {"model": ROUTE, "input": EASY, "metadata": {"who": planted.value}}
    answer = post(world.gateway, body, path="/v1/responses", headers=NOT_AGAIN)
    assert answer.headers["x-tidegate-zone"] == "cloud"


def test_and_they_have_left_no_trace(world: World) -> None:
    world.assert_nothing_got_out()
