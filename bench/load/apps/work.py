"""What any gateway does besides passing on: key, model, request id, usage, metrics."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import orjson
from prometheus_client import Counter, Histogram

from bench.load.apps import clients

_KEYS = {hashlib.sha256(b"sk-bench").hexdigest(): "bench"}
_MODELS = {"fake": "fake", "alias": "fake"}
_TAIL = 600  # bytes in which the last event with the usage fits


class Work:
    def __init__(self, client: clients.Client) -> None:
        self._client = client
        self._requests = Counter("requests", "requests", ["model", "status", "client"])
        self._tokens = Counter("tokens", "tokens", ["model", "kind"])
        self._latency = Histogram("latency_seconds", "latency", ["model"])

    async def handle(
        self, authorization: bytes | None, raw: bytes
    ) -> tuple[int, str, bytes | AsyncIterator[bytes], list[tuple[bytes, bytes]]]:
        begun, body = time.perf_counter(), orjson.loads(raw)
        secret = authorization[7:] if authorization and authorization.startswith(b"Bearer ") else b""
        who = _KEYS.get(hashlib.sha256(secret).hexdigest())
        if who is None:
            return 401, "application/json", b'{"error":{"message":"bad key"}}', []
        model, streamed = body["model"], body.get("stream") is True
        body["model"] = _MODELS.get(model, model)
        if streamed:
            body["stream_options"] = {"include_usage": True}
        status, kind, answer = await self._client.call(orjson.dumps(body), streamed=streamed)
        headers = [(b"x-request-id", uuid.uuid4().hex.encode())]
        labels = (model, str(status), who)
        if not isinstance(answer, bytes):
            return status, kind, self._watched(answer, labels, begun), headers
        self._account(orjson.loads(answer).get("usage") if status == 200 else None, labels, begun)
        return status, kind, answer, headers

    async def _watched(
        self, chunks: AsyncIterator[bytes], labels: tuple[str, str, str], begun: float
    ) -> AsyncIterator[bytes]:
        tail = b""
        async for chunk in chunks:
            tail = (tail + chunk)[-_TAIL:]
            yield chunk
        place = tail.rfind(b'"usage":{')
        usage = orjson.loads(tail[place + 8 : tail.find(b"}", place) + 1]) if place >= 0 else None
        self._account(usage, labels, begun)

    def _account(self, usage: dict[str, Any] | None, labels: tuple[str, str, str], begun: float) -> None:
        self._latency.labels(labels[0]).observe(time.perf_counter() - begun)
        self._requests.labels(*labels).inc()
        if usage:
            self._tokens.labels(labels[0], "in").inc(usage["prompt_tokens"])
            self._tokens.labels(labels[0], "out").inc(usage["completion_tokens"])
