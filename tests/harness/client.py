"""Clients: what a test says to a gateway, and what it reads off an answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import openai

from tests.harness.gateway import NO_TLS, Gateway, bearer

ERROR_KEYS = {"message", "type", "param", "code"}
TIMEOUT = 10.0  # seconds


def sdk(gateway: Gateway, key: str | None = None, **more: Any) -> openai.OpenAI:
    """The OpenAI SDK, which does not retry: a test wants to see the first answer."""
    options: dict[str, Any] = {"max_retries": 0, "timeout": TIMEOUT, **more}
    return openai.OpenAI(base_url=gateway.base_url, api_key=key or gateway.key, http_client=http(), **options)


def http(**more: Any) -> httpx.Client:
    """A plain HTTP client that heeds nothing in the environment of the tests."""
    options: dict[str, Any] = {"timeout": TIMEOUT, "trust_env": False, "verify": NO_TLS, **more}
    return httpx.Client(**options)


def ask(text: str, model: str = "auto", **more: Any) -> dict[str, Any]:
    """A chat request of one user message."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def post(
    gateway: Gateway,
    body: Mapping[str, Any],
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "/v1/chat/completions",
) -> httpx.Response:
    """One request on a connection of its own, read to the end."""
    sent = {**bearer(key or gateway.key), **(headers or {})}
    with http() as client:
        return client.post(gateway.root + path, json=body, headers=sent)


def get(gateway: Gateway, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    with http() as client:
        return client.get(gateway.root + path, headers=headers)


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The error of an answer, checked to be OpenAI's shape and to have a request id."""
    assert response.headers["content-type"].startswith("application/json")
    assert_request_id(response)
    document = response.json()
    assert document.keys() == {"error"}
    error: dict[str, Any] = document["error"]
    assert error.keys() >= ERROR_KEYS
    assert isinstance(error["message"], str)
    assert error["message"]
    assert isinstance(error["type"], str)
    return error


def assert_request_id(response: httpx.Response) -> None:
    assert response.headers["x-request-id"]
    assert response.headers["x-tidegate-request-id"] == response.headers["x-request-id"]


def text_of(response: httpx.Response) -> str:
    """What an unstreamed answer says."""
    assert response.status_code == 200, response.text
    return str(response.json()["choices"][0]["message"]["content"])


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream read to its end: the data of its events, in order, `[DONE]` among them."""

    data: tuple[str, ...]

    @property
    def done(self) -> int:
        """How often `[DONE]` came."""
        return self.data.count("[DONE]")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.data if text != "[DONE]"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [event["error"] for event in self.events if event.get("error") is not None]

    @property
    def chunks(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("error") is None]

    @property
    def text(self) -> str:
        choices = [choice for chunk in self.chunks for choice in chunk["choices"]]
        return "".join(choice["delta"].get("content") or "" for choice in choices)

    @property
    def usage(self) -> list[dict[str, Any]]:
        return [chunk["usage"] for chunk in self.chunks if chunk.get("usage") is not None]

    def assert_clean(self) -> None:
        """It ended as it should: finished, without an error, with one `[DONE]` and nothing after it."""
        assert self.errors == []
        assert self.done == 1
        assert self.data[-1] == "[DONE]"
        assert any(c["finish_reason"] for chunk in self.chunks for c in chunk["choices"])

    def assert_cut(self) -> None:
        """It says that it was cut: the last event is an error, and there is no `[DONE]`."""
        assert self.done == 0
        (error,) = self.errors
        assert error.keys() >= ERROR_KEYS
        assert self.events[-1] == {"error": error}


def read_stream(response: httpx.Response) -> Stream:
    """The events of a stream that httpx has read whole."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert_not_gathered(response)
    return parse_stream(response.text)


def assert_not_gathered(response: httpx.Response) -> None:
    """Nothing on the way packs a stream, or keeps it back until there is more."""
    assert "content-encoding" not in response.headers
    assert "content-length" not in response.headers
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"


def parse_stream(text: str) -> Stream:
    data = []
    for event in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.removeprefix("data:").removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
        if lines:
            data.append("\n".join(lines))
    return Stream(tuple(data))


class Conversation:
    """A streamed answer, read piece by piece."""

    def __init__(self, gateway: Gateway, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self._client = http(headers={**bearer(gateway.key), **(headers or {})})
        request = self._client.build_request("POST", f"{gateway.base_url}/chat/completions", json=body)
        self._response = self._client.send(request, stream=True)
        self._pieces = self._response.iter_text()
        self._seen = ""
        self.headers = self._response.headers

    def read_until(self, mark: str) -> None:
        assert self._response.status_code == 200, self._response.read()
        while mark not in self._seen:
            piece = next(self._pieces, None)
            assert piece is not None, f"ended before {mark!r}: {self._seen}"
            self._seen += piece

    def read_to_end(self) -> Stream:
        return parse_stream(self._seen + "".join(self._pieces))

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()
        self._client.close()


class Wire:
    """A bare connection, for what no client library would send and for leaving when one pleases."""

    def __init__(self, gateway: Gateway) -> None:
        self.socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=TIMEOUT)
        self._gateway = gateway
        self._seen = b""

    def post(self, body: Mapping[str, Any], path: str = "/v1/chat/completions") -> None:
        data = json.dumps(body).encode()
        lines = [
            f"POST {path} HTTP/1.1",
            "host: gateway",
            f"authorization: Bearer {self._gateway.key}",
            "content-type: application/json",
            f"content-length: {len(data)}",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + data)

    def read_until(self, mark: bytes) -> bytes:
        """Everything received so far, at least up to `mark`."""
        while mark not in self._seen:
            self.read_more()
        return self._seen

    def read_more(self) -> None:
        data = self.socket.recv(65_536)
        assert data, f"closed: {self._seen!r}"
        self._seen += data

    def read_to_end(self) -> bytes:
        while data := self.socket.recv(65_536):
            self._seen += data
        return self._seen

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
