"""The data plane as raw ASGI: one dictionary look-up from a path to its dialect, and the one place where a failure
becomes a reply. Everything that is not the data plane goes to the probes and the administration behind them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, Protocol

from gateway.access.keys import Keyring
from gateway.access.patience import Patience
from gateway.access.principal import Principal
from gateway.admission import Admission
from gateway.config.access import KeyPriority
from gateway.cors import Cors
from gateway.dialects.dialect import Dialect
from gateway.occupancy import Occupancy
from gateway.pipeline.kept import TOO_MUCH
from gateway.pipeline.way import Pipeline
from gateway.presence import Guest, Presence
from gateway.telemetry.catalogue import NO_ROUTE
from gateway.telemetry.metrics import Metrics
from gateway.wire.errors import (
    BodyTooSlow,
    ClientGone,
    Forbidden,
    GatewayError,
    InternalError,
    MethodNotAllowed,
    Overloaded,
    Unavailable,
    WrongKey,
)
from gateway.wire.http import Message, Receive, Reply, Request, Send, fields_of, read_body, transmit
from gateway.wire.line import Line
from router.clearance import LOCAL

Scope = MutableMapping[str, Any]
_log = logging.getLogger(__name__)
_NOBODY = Principal(name="", team=None, routes=frozenset(), clearance=LOCAL, priority="low")


class Generation(Protocol):
    """What serves with one configuration. A request keeps the one it started with."""

    @property
    def pipeline(self) -> Pipeline: ...

    @property
    def kept(self) -> Pipeline | None: ...

    @property
    def keyring(self) -> Keyring: ...

    @property
    def max_body_bytes(self) -> int: ...

    @property
    def cors(self) -> Cors | None: ...

    @property
    def occupancy(self) -> Occupancy: ...


class DataPlane:
    """`current` gives the generation in force, `request_ids` a new id each time; `rest` is an ASGI application."""

    def __init__(
        self,
        dialects: Iterable[Dialect],
        current: Callable[[], Generation],
        metrics: Metrics,
        request_ids: Callable[[], str],
        rest: Callable[[Scope, Receive, Send], Awaitable[None]],
        patience: Patience,
        admission: Admission,
    ) -> None:
        self._exact: dict[str, Dialect] = {}
        self._below: list[tuple[str, Dialect]] = []
        for dialect in dialects:
            for path in dialect.paths:
                if path.endswith("/") and path != "/":
                    self._below.append((path, dialect))
                else:
                    self._exact[path] = dialect
        self._current = current
        self._metrics = metrics
        self._request_ids = request_ids
        self._rest = rest
        self._patience = patience
        self._admission = admission
        self._presence = Presence()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = self._dialect(scope["path"]) if scope["type"] == "http" else None
        if dialect is None:
            await self._rest(scope, receive, _with_id(send, self._request_ids()))
            return
        generation = self._current()
        if generation.cors is not None:
            send = generation.cors.answering(scope, send)
        admission = self._admission
        kept, turned = None, None
        if admission.is_full and scope["method"] == "POST":
            turned = self._not_admitted(generation, dialect, scope["headers"])
            if turned is not None:
                kept = generation.kept
                if kept is None or not admission.may_look():
                    admission.turn_away(turned)
                    await transmit(self._refusal(dialect), send)
                    return
        visit = Visit(generation, dialect, self._request_ids(), self._presence.enter(receive), Line(send))
        visit.generation.occupancy.enter()
        self._metrics.in_flight(1)
        if kept is None:
            admission.enter()
        else:
            visit.pipeline = kept
        try:
            await self._serve(visit, scope, receive, send)
        finally:
            self._presence.leave(visit.guest)
            self._metrics.in_flight(-1)
            if turned is None:
                admission.leave()
            elif visit.is_kept is not None:
                admission.looked(turned, found=visit.is_kept)
            visit.generation.occupancy.leave()

    def _not_admitted(
        self, generation: Generation, dialect: Dialect, raw: Sequence[tuple[bytes, bytes]]
    ) -> KeyPriority | None:
        """None for somebody who may come in while not all may; of others their priority. Of one who shows no good key
        nobody knows more than that."""
        headers = fields_of(raw)
        try:
            principal = generation.keyring.authenticate(dialect.credential(headers))
        except GatewayError:
            principal = _NOBODY
        size = headers.get(b"content-length", b"0")
        length = int(size) if size.isdigit() and principal is not _NOBODY else 0
        length = length if length <= generation.max_body_bytes else 0  # what is not read costs nothing
        return None if self._admission.admits(principal.name, principal.priority, length) else principal.priority

    def _refusal(self, dialect: Dialect) -> Reply:
        """Its body is not read: that would cost more than to say no."""
        retry_after = self._admission.retry_after
        error = Overloaded(TOO_MUCH, retry_after=retry_after)
        return dialect.failure(error, self._request_ids())

    def _dialect(self, path: str) -> Dialect | None:
        dialect = self._exact.get(path)
        if dialect is None:
            for prefix, candidate in self._below:
                if path.startswith(prefix):
                    return candidate
        return dialect

    async def _serve(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        reply: Reply | None = None
        try:
            reply = await self._reply(visit, scope, receive)
            await transmit(reply, send, has_begun=visit.line.has_begun)
        except ClientGone:
            pass
        except GatewayError as error:  # there is a stream that has begun, and waits for an answer
            await visit.line.end(error)
        except asyncio.CancelledError:
            visit.guest.forgive()
            if visit.guest.dawdles:
                slow = BodyTooSlow("The request body did not arrive in time.")
                self._metrics.answered(NO_ROUTE, None, slow.status, False, visit.clock() - visit.started)
                late = visit.dialect.failure(slow, visit.request_id)
                late.headers.append((b"connection", b"close"))  # RFC 9110, section 15.5.9
                await transmit(late, send)
            elif not visit.guest.is_gone:  # the process is ending, and has waited long enough
                await _break_off(visit, reply, send)
        except Exception:  # noqa: BLE001  # the last resort: a fault of ours must not look like an answer
            _log.exception("request %s failed inside the gateway", visit.request_id)
            if reply is None:
                await _fail(visit, InternalError("The gateway failed."), send)
        finally:
            if reply is not None and reply.over is not None:
                reply.over()

    async def _reply(self, visit: Visit, scope: Scope, receive: Receive) -> Reply:
        generation, dialect = visit.generation, visit.dialect
        headers = fields_of(scope["headers"])
        try:
            path, method = scope["path"], scope["method"]
            allowed = self._methods(dialect, path)
            if allowed is None or (method == "OPTIONS" and method in allowed):
                blank = Request(method, path, headers, b"", visit.request_id)
                return await dialect.answer(blank, generation.pipeline, _NOBODY)
            if method not in allowed:
                raise MethodNotAllowed(method, allowed)
            credential = dialect.credential(headers)
            if credential is None and dialect.open_to_all:
                principal = _NOBODY
            elif credential is None and dialect.keyless:
                principal = generation.keyring.without_key(scope, headers)
            else:
                principal = generation.keyring.authenticate(credential)
                if not principal.may_ask:
                    raise Forbidden(f"This key has the role {principal.role}, which is not for asking models.")
            body = await read_body(receive, headers, generation.max_body_bytes)
            visit.guest.has_told_all = True
            request = Request(method, path, headers, body, visit.request_id, scope["query_string"], visit.line)
            return await dialect.answer(request, visit.pipeline, principal)
        except ClientGone:
            raise
        except GatewayError as error:
            visit.is_kept = False if isinstance(error, Overloaded) else None
            if isinstance(error, WrongKey):
                error = await self._patience.borne(error, scope)  # by this name it is let go of, traceback and all
            if isinstance(error, MethodNotAllowed) and scope["method"] == "OPTIONS":
                return _options(error.allowed, visit.request_id)
            if not error.headers:  # without a receipt: refused before the pipeline could count it under its route
                self._metrics.answered(NO_ROUTE, None, error.status, False, visit.clock() - visit.started)
            if visit.line.has_begun:
                raise
            return dialect.failure(error, visit.request_id)

    @staticmethod
    def _methods(dialect: Dialect, path: str) -> frozenset[str] | None:
        paths = dialect.paths
        if path in paths:
            return paths[path]
        below = (found for prefix, found in paths.items() if prefix.endswith("/") and path.startswith(prefix))
        return next(below, frozenset())


class Visit:
    """One request as the door sees it: what serves it, in which format, and whether its client is still there."""

    __slots__ = ("clock", "dialect", "generation", "guest", "is_kept", "line", "pipeline", "request_id", "started")

    def __init__(self, generation: Generation, dialect: Dialect, request_id: str, guest: Guest, line: Line) -> None:
        self.generation = generation
        self.pipeline = generation.pipeline
        self.is_kept: bool | None = True  # the answer, where only such are given; None: it never came to that
        self.dialect = dialect
        self.request_id = request_id
        self.guest = guest
        self.line = line
        self.clock = generation.pipeline.parts.clocks.steady  # seconds
        self.started = self.clock()


def _options(methods: str, request_id: str) -> Reply:
    """What may be done at a path. Anybody may know: a browser asks before it sends a key."""
    number = request_id.encode()
    allowed = ", ".join(sorted([*methods.split(", "), "OPTIONS"])).encode()
    return Reply(200, [(b"allow", allowed), (b"x-request-id", number), (b"x-tidegate-request-id", number)])


def _with_id(send: Send, request_id: str) -> Send:
    """Every answer has a request id, those of the administration too."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            ids = [(name, request_id.encode()) for name in (b"x-request-id", b"x-tidegate-request-id")]
            message = {**message, "headers": [*message.get("headers", ()), *ids]}
        await send(message)

    return sending


async def _fail(visit: Visit, error: GatewayError, send: Send) -> None:
    """There is no reply, and there will be none."""
    if visit.line.has_begun:
        await visit.line.end(error)
    else:
        await transmit(visit.dialect.failure(error, visit.request_id), send)


async def _break_off(visit: Visit, reply: Reply | None, send: Send) -> None:
    """The client is told that it will get no answer, or not the rest of it."""
    error = Unavailable("The gateway is stopping. Try again.", retry_after=1)
    if reply is None:
        await _fail(visit, error, send)
    elif reply.stream is not None:
        await send({"type": "http.response.body", "body": reply.stream.broken_off(error), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
