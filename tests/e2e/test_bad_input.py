"""Bad input: each a reply in OpenAI's shape with the right status, never a 500, and the connection goes on working."""

from __future__ import annotations

import gzip
import http.client as http_client
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness.client import ERROR_KEYS, TIMEOUT, ask, error_of, http, post, text_of
from tests.harness.configs import MAX_BODY_BYTES
from tests.harness.gateway import EMBED_ONLY_KEY, Gateway, bearer
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

CHAT = "/v1/chat/completions"
GOOD = json.dumps(ask(EASY, "small")).encode()


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    """One connection, kept alive."""
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    with http(base_url=gateway.root, headers=bearer(gateway.key), limits=limits) as client:
        yield client


def refused(client: httpx.Client, body: bytes, status: int, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The error; the same connection then serves a good request."""
    answer = client.post(CHAT, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    error = error_of(answer)
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")
    return error


NO_JSON = {
    "nothing": b"",
    "no JSON": b"hello",
    "cut off": GOOD[:-5],
    "something behind": GOOD + b"}",
    "single quotes": b"{'model': 'auto'}",
    "a comment": b"/* hi */ " + GOOD,
    "NaN": b'{"model": "small", "messages": [{"role": "user", "content": "Hi"}], "temperature": NaN}',
    "invalid UTF-8": b'{"model": "small", "messages": [{"role": "user", "content": "\xff\xfe"}]}',
    "an overlong character": b'{"model": "small", "messages": [{"role": "user", "content": "\xc0\xaf"}]}',
    "half a character": b'{"model": "small", "messages": [{"role": "user", "content": "\xe4\xbd"}]}',
    "a surrogate as UTF-8": b'{"model": "small", "messages": [{"role": "user", "content": "\xed\xa0\x80"}]}',
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a control character": b'{"model": "small", "messages": [{"role": "user", "content": "a\x00b"}]}',
    "deep nesting": b'{"model": "small", "messages": [' + b"[" * 20_000 + b"]" * 20_000 + b"]}",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "a number": b"1",
    "true": b"true",
}


@pytest.mark.parametrize("kind", NO_JSON)
def test_a_body_that_is_no_json_object(client: httpx.Client, upstreams: Upstreams, kind: str) -> None:
    error = refused(client, NO_JSON[kind], 400)
    assert error["type"] == "invalid_request_error"
    assert len(upstreams.local.journal.exchanges) == 1  # the good request


ENDPOINTS = (
    CHAT,
    "/v1/completions",
    "/v1/embeddings",
    "/v1/moderations",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"{}", b"", b'{"model": [], "messages": {}, "stream": "x"}'])
def test_at_every_endpoint_it_is_a_400(client: httpx.Client, path: str, body: bytes) -> None:
    """Never a 422, which OpenAI's SDKs know by another name, and never a 500."""
    answer = client.post(path, content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")


def test_the_error_repeats_nothing_of_the_body(client: httpx.Client) -> None:
    assert "4970" not in refused(client, b'{"messages": "4970 1000 0000 0154"', 400)["message"]


WRONG = {
    "no messages": ({"model": "small"}, "messages"),
    "messages null": ({"model": "small", "messages": None}, "messages"),
    "messages a text": ({"model": "small", "messages": "Hi"}, "messages"),
    "messages an object": ({"model": "small", "messages": {"role": "user", "content": "Hi"}}, "messages"),
    "messages a number": ({"model": "small", "messages": 1}, "messages"),
    "messages empty": ({"model": "small", "messages": []}, "messages"),
    "a message that is a text": ({"model": "small", "messages": ["Hi"]}, "messages"),
    "a message that is null": ({"model": "small", "messages": [None]}, "messages"),
    "no model": ({"messages": [{"role": "user", "content": "Hi"}]}, "model"),
    "model null": ({"model": None, "messages": [{"role": "user", "content": "Hi"}]}, "model"),
    "model empty": ({"model": "", "messages": [{"role": "user", "content": "Hi"}]}, "model"),
    "model a number": ({"model": 1, "messages": [{"role": "user", "content": "Hi"}]}, "model"),
    "model a list": ({"model": ["small"], "messages": [{"role": "user", "content": "Hi"}]}, "model"),
    "stream a text": ({**ask("Hi", "small"), "stream": "yes"}, "stream"),
    "n a text": ({**ask("Hi", "small"), "n": "two"}, "n"),
    "n nothing": ({**ask("Hi", "small"), "n": 0}, "n"),
    "stream_options a text": ({**ask("Hi", "small"), "stream": True, "stream_options": "usage"}, "stream_options"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_types(client: httpx.Client, kind: str) -> None:
    body, param = WRONG[kind]
    error = refused(client, json.dumps(body).encode(), 400)
    assert error["type"] == "invalid_request_error"
    assert str(error["param"]).startswith(param)


def test_a_lone_surrogate(client: httpx.Client) -> None:
    """Legal JSON, but no text: it could not be sent on as UTF-8. Refused or cleaned, but not a failure."""
    body = b'{"model": "small", "messages": [{"role": "user", "content": "\\ud800"}]}'
    answer = client.post(CHAT, content=body)
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        error_of(answer)


@pytest.mark.parametrize("model", ["gpt-4o", "AUTO", "auto ", "a" * 10_000, "modèle", "../auto"])
def test_an_unknown_model(client: httpx.Client, model: str) -> None:
    error = refused(client, json.dumps(ask(EASY, model)).encode(), 404)
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert len(error["message"]) < 1000


def test_a_body_over_the_limit(client: httpx.Client, upstreams: Upstreams) -> None:
    body = json.dumps(ask("x" * MAX_BODY_BYTES, "small")).encode()
    answer = client.post(CHAT, content=body)
    assert answer.status_code == 413
    assert error_of(answer)["type"] == "invalid_request_error"
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")
    assert len(upstreams.local.journal.exchanges) == 1


def test_a_body_over_the_limit_that_does_not_say_so(client: httpx.Client) -> None:
    body = json.dumps(ask("x" * MAX_BODY_BYTES, "small")).encode()

    def pieces() -> Iterator[bytes]:
        for place in range(0, len(body), 8192):
            yield body[place : place + 8192]

    answer = client.post(CHAT, content=pieces())
    assert answer.status_code == 413
    error_of(answer)


def test_a_body_over_the_limit_after_decompression(client: httpx.Client) -> None:
    bomb = gzip.compress(json.dumps(ask("x" * 50_000_000, "small")).encode())
    assert len(bomb) < MAX_BODY_BYTES
    refused(client, bomb, 413, {"content-encoding": "gzip"})


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_read(client: httpx.Client, encoding: str, pack: Any) -> None:
    answer = client.post(CHAT, content=pack(GOOD), headers={"content-encoding": encoding})
    assert text_of(answer).startswith("local-model says")


@pytest.mark.parametrize(
    ("encoding", "body", "statuses"),
    [
        ("gzip", GOOD, {400}),
        ("gzip", gzip.compress(GOOD)[:-9], {400}),
        ("gzip", gzip.compress(GOOD) + b"more", {400}),
        ("br", GOOD, {400, 415}),
        ("zstd", GOOD, {400, 415}),
        ("gzip, gzip", gzip.compress(gzip.compress(GOOD)), {400, 415}),
    ],
)
def test_an_encoding_that_is_not_what_it_says(
    client: httpx.Client, encoding: str, body: bytes, statuses: set[int]
) -> None:
    answer = client.post(CHAT, content=body, headers={"content-encoding": encoding})
    assert answer.status_code in statuses
    error_of(answer)
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")


@pytest.mark.parametrize(
    "credential",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer wrong",
        b"Basic ZGV2OmRldg==",
        b"Bearer tg-the-developers-key x",
        b"Bearer ${TIDEGATE_KEY}",
        b"Bearer \xff\xfe\x80",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/v1/models")])
def test_a_wrong_key(gateway: Gateway, upstreams: Upstreams, credential: bytes, method: str, path: str) -> None:
    connection = http_client.HTTPConnection("127.0.0.1", gateway.port, timeout=TIMEOUT)
    connection.request(method, path, GOOD if method == "POST" else None, {"authorization": credential})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == 401
    assert answer.headers["x-request-id"]
    error = json.loads(said)["error"]
    assert error.keys() >= ERROR_KEYS
    assert error["code"] == "invalid_api_key"
    assert b"wrong" not in said
    assert upstreams.local.journal.raw == b""


def test_no_key_at_all(gateway: Gateway, upstreams: Upstreams) -> None:
    with http() as client:
        answer = client.post(gateway.root + CHAT, content=GOOD)
    assert answer.status_code == 401
    assert error_of(answer)["code"] == "invalid_api_key"
    assert upstreams.local.journal.raw == b""


def test_a_key_that_may_not_use_the_route(gateway: Gateway, upstreams: Upstreams) -> None:
    answer = post(gateway, ask(EASY, "small"), key=EMBED_ONLY_KEY)
    assert answer.status_code == 403
    error_of(answer)
    assert upstreams.local.journal.raw == b""


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/chat/completions", "/v1/chat/completion", "/v1/files", "/v1/audio/speech"]
)
def test_an_unknown_path(client: httpx.Client, path: str) -> None:
    answer = client.post(path, content=GOOD)
    assert answer.status_code == 404
    error_of(answer)
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")


@pytest.mark.parametrize(("method", "path"), [("GET", CHAT), ("DELETE", CHAT), ("PUT", CHAT), ("POST", "/v1/models")])
def test_a_wrong_method(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    error_of(answer)
    assert text_of(client.post(CHAT, content=GOOD)).startswith("local-model says")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_does_not_matter(client: httpx.Client, kind: str) -> None:
    """OpenAI reads the body as JSON whatever it is called, so clients that name it wrongly work."""
    assert text_of(client.post(CHAT, content=GOOD, headers={"content-type": kind})).startswith("local-model says")
