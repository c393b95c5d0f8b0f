"""Probes: health and metrics, which monitors ask for every few seconds, and the door to the rest of the administration.

Plain ASGI. FastAPI takes four times the memory of the gateway's own code, so it is loaded (in a thread: it takes a
while) when somebody asks for one of its pages, and not for a probe or a stranger's guess at a path. So the door asks
for the key, and reads the body under a limit.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from gateway.access.keys import Keyring
from gateway.access.patience import Patience
from gateway.dialects.openai_errors import failure
from gateway.telemetry.metrics import Metrics
from gateway.wire.errors import (
    BodyTooSlow,
    ClientGone,
    GatewayError,
    MethodNotAllowed,
    NotServed,
    Unauthenticated,
    WrongKey,
)
from gateway.wire.http import Message, Receive, Reply, Send, fields_of, read_body, transmit
from gateway.wire.json import parse_object

Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PAGES: Final = frozenset({"/docs", "/docs/oauth2-redirect", "/openapi.json"})  # those that FastAPI makes
ADMIN: Final = "/admin/v1/"
BODY_BYTES: Final = 1_048_576  # of a request to the administration, which reads it whole
BODY_SECONDS: Final = 30.0
_ASKED: Final = frozenset({"GET", "HEAD"})
_TEXT: Final = b"text/plain; charset=utf-8"
_SHOWN: Final = 200  # characters of an unknown path


class Probes:
    """`metrics_key` gives the bearer token that `/metrics` asks for, or None where it is open.

    `build` makes the application that has the pages. `keyring` gives the keys that let on to what is below `/admin/v1`,
    or None where that is switched off. `is_ready`: whether new clients are wanted.
    """

    def __init__(
        self,
        metrics: Metrics,
        metrics_key: Callable[[], str | None],
        build: Callable[[Probes], Application],
        keyring: Callable[[], Keyring | None],
        patience: Patience,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._metrics = metrics
        self._metrics_key = metrics_key
        self._build = build
        self._keyring = keyring
        self._patience = patience
        self._building = asyncio.Lock()
        self._pages: Application | None = None
        self._is_ready = is_ready
        self._answers = {"/healthz": self.health, "/readyz": self.readiness, "/metrics": self.metrics}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] in PAGES:
            pages = await self._built()
            if scope["method"] == "HEAD":  # of which FastAPI knows nothing; the connection leaves the body out
                scope = {**scope, "method": "GET"}
            await pages(scope, receive, send)
            return
        try:
            if scope["path"].startswith(ADMIN):
                keyring = self._keyring()
                if keyring is not None:
                    scope, receive = await _admitted(keyring, scope, receive)
                    await (await self._built())(scope, receive, send)
                    return
            reply = await self._reply(scope)
        except ClientGone:
            return
        except GatewayError as error:
            reply = failure(await self._patience.borne(error, scope) if isinstance(error, WrongKey) else error)
        await transmit(reply, send)

    async def health(self, _headers: Mapping[bytes, bytes]) -> Reply:
        return Reply(200, [(b"content-type", _TEXT)], b"ok")

    async def readiness(self, _headers: Mapping[bytes, bytes]) -> Reply:
        """Whether a balancer may send anybody here."""
        if self._is_ready():
            return Reply(200, [(b"content-type", _TEXT)], b"ready")
        return Reply(503, [(b"content-type", _TEXT), (b"retry-after", b"1")], b"stopping")

    async def metrics(self, headers: Mapping[bytes, bytes]) -> Reply:
        """Those of all workers. Raises `Unauthenticated`."""
        key = self._metrics_key()
        given = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        if key is not None and not hmac.compare_digest(key.encode(), given):
            raise (WrongKey if given else Unauthenticated)("A bearer token is needed here: server.metrics_key.")
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


async def _admitted(
    keyring: Keyring, scope: MutableMapping[str, Any], receive: Receive
) -> tuple[MutableMapping[str, Any], Receive]:
    """The request with who asks (`request.state.principal`), and its body, read. Raises a `GatewayError`."""
    headers = fields_of(scope["headers"])
    principal = keyring.authenticate(headers.get(b"authorization"))
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await read_body(receive, headers, BODY_BYTES)
    except TimeoutError:
        raise BodyTooSlow("The request body did not arrive in time.") from None
    if body and b"json" in headers.get(b"content-type", b"").lower():
        parse_object(body)  # FastAPI's own parser lets through what is no Unicode, and no answer could repeat
    told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return told.pop() if told else await receive()

    state = {**scope.get("state", {}), "principal": principal}
    packed = (b"content-encoding", b"content-length")  # no longer so: the body has been unpacked
    kept = [(name, value) for name, value in scope["headers"] if name not in packed]
    return {**scope, "state": state, "headers": kept}, receiving
