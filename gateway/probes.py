"""Probes: health and metrics, which monitors ask for every few seconds, and where the rest of the administration is.

Plain ASGI. FastAPI takes four times the memory of the gateway's own code, so it is loaded (in a thread: it takes a
while) when somebody asks for one of its pages, and not for a probe or a stranger's guess at a path.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from gateway.dialects.openai_errors import body_of
from gateway.telemetry.metrics import Metrics
from gateway.wire.errors import GatewayError, MethodNotAllowed, NotServed, Unauthenticated
from gateway.wire.http import JSON, Headers, Receive, Reply, Send, fields_of, transmit

Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PAGES: Final = frozenset({"/docs", "/docs/oauth2-redirect", "/openapi.json"})  # those that FastAPI makes
_ASKED: Final = frozenset({"GET", "HEAD"})
_TEXT: Final = b"text/plain; charset=utf-8"
_SHOWN: Final = 200  # characters of an unknown path


class Probes:
    """`metrics_key` gives the bearer token that `/metrics` asks for, or None where it is open.

    `build` makes the application that has the pages.
    """

    def __init__(
        self, metrics: Metrics, metrics_key: Callable[[], str | None], build: Callable[[Probes], Application]
    ) -> None:
        self._metrics = metrics
        self._metrics_key = metrics_key
        self._build = build
        self._building = asyncio.Lock()
        self._pages: Application | None = None
        self._answers = {"/healthz": self.health, "/metrics": self.metrics}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] in PAGES:
            pages = await self._built()
            if scope["method"] == "HEAD":  # of which FastAPI knows nothing; the connection leaves the body out
                scope = {**scope, "method": "GET"}
            await pages(scope, receive, send)
            return
        try:
            reply = await self._reply(scope)
        except GatewayError as error:
            reply = _failure(error)
        await transmit(reply, send)

    async def health(self, _headers: Mapping[bytes, bytes]) -> Reply:
        return Reply(200, [(b"content-type", _TEXT)], b"ok")

    async def metrics(self, headers: Mapping[bytes, bytes]) -> Reply:
        """Those of all workers. Raises `Unauthenticated`."""
        key = self._metrics_key()
        given = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        if key is not None and not hmac.compare_digest(key.encode(), given):
            raise Unauthenticated("A bearer token is needed here: server.metrics_key.")
        self._metrics.flush()
        accepted = headers.get(b"accept", b"").decode("latin-1")
        body, content_type = await asyncio.to_thread(self._metrics.encoded, accepted)
        return Reply(200, [(b"content-type", content_type.encode())], body)

    async def _reply(self, scope: Mapping[str, Any]) -> Reply:
        path, method = scope["path"], scope["method"]
        answer = self._answers.get(path)
        if answer is None:
            raise NotServed(f"Unknown request URL: {method} {path[:_SHOWN]}.")
        if method not in _ASKED:
            raise MethodNotAllowed(method, _ASKED)
        return await answer(fields_of(scope["headers"]))

    async def _built(self) -> Application:
        async with self._building:
            if self._pages is None:
                self._pages = await asyncio.to_thread(self._build, self)
            return self._pages


def _failure(error: GatewayError) -> Reply:
    headers: Headers = [(b"content-type", JSON)]
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allowed.encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    return Reply(error.status, headers, body_of(error))
