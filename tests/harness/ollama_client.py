"""Ollama's own SDK, and its wire format, as tests use them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import ollama

from tests.harness.client import TIMEOUT, http
from tests.harness.gateway import NO_TLS, Gateway, bearer


def client(gateway: Gateway, key: str | None = None, **more: Any) -> ollama.Client:
    """Sends the key as its users do, in a header; nothing of the environment of the tests is heeded."""
    return ollama.Client(host=gateway.root, headers=bearer(key or gateway.key), **{**_options(), **more})


def async_client(gateway: Gateway, **more: Any) -> ollama.AsyncClient:
    return ollama.AsyncClient(host=gateway.root, headers=bearer(gateway.key), **{**_options(), **more})


def keyless(gateway: Gateway, **more: Any) -> ollama.Client:
    """As it is used with Ollama itself."""
    return ollama.Client(host=gateway.root, **{**_options(), **more})


def _options() -> dict[str, Any]:
    return {"timeout": TIMEOUT, "trust_env": False, "verify": NO_TLS}


def post(
    gateway: Gateway,
    path: str,
    body: Mapping[str, Any] | bytes,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """With the key of the gateway, unless another is given; an empty one sends none."""
    sent = {**({} if key == "" else bearer(key or gateway.key)), **(headers or {})}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with http() as there:
        return there.post(gateway.root + path, content=data, headers=sent)


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The objects of a stream that ended as it should, each on a line of its own."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.text.endswith("\n")
    found: list[dict[str, Any]] = [json.loads(line) for line in response.text.splitlines()]
    return found


def error_of(response: httpx.Response) -> str:
    """The sentence of an error in Ollama's shape."""
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["x-request-id"]
    document = response.json()
    assert document.keys() == {"error"}
    assert isinstance(document["error"], str)
    assert document["error"]
    return document["error"]
