"""The connection of a client: bytes to cycles and back. Given to uvicorn as its HTTP protocol.

Stricter than what uvicorn brings (RFC 9112): a request with both content-length and transfer-encoding is refused and
the connection closed; heads are bounded in size, and heads and bodies in the time that they may take. A connection has
one timer, which looks now and then, instead of one for each request.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, cast
from urllib.parse import unquote

import httptools
import orjson
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.serving.http.cycle import Cycle

MOST_HEAD_BYTES = 64 * 1024  # of a request line and all header fields
HEAD_SECONDS = 20.0  # from a head's first byte to its last
REQUEST_SECONDS = 90.0  # and of a whole request; the application gives bodies less, and answers in the client's dialect
_LOOK_SECONDS = 5.0
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_log = logging.getLogger(__name__)


class HttpProtocol(asyncio.Protocol):
    """What uvicorn asks of a protocol class: this constructor, `shutdown`, and its place in the server's state."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 -- of a lifespan, which is off
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self._app = config.loaded_app
        self._idle_seconds = float(config.timeout_keep_alive)
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._cycle: Cycle | None = None  # the one whose request is being read, or was last
        self._waiting: deque[Cycle] = deque()  # requests sent before the answer to the last one was out (pipelining)
        self._active: Cycle | None = None  # the one being answered
        self._headers: list[tuple[bytes, bytes]] = []
        self._url = b""
        self._head_bytes = 0
        self._reading = False  # a request has begun and is not complete
        self._since = self._loop.time()  # when it began, or when the connection fell idle
        self._timer: asyncio.TimerHandle | None = None
        self._reading_paused = False
        self._drained: asyncio.Future[None] | None = None
        self._refused = False
        self._dates: tuple[object, bytes] = (None, b"")
        self.write_paused = False

    # --- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class
        self._state.connections.add(cast(Any, self))
        server, client = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
        self._scope = {
            "type": "http",
            "asgi": _ASGI,
            "scheme": "https" if transport.get_extra_info("sslcontext") else "http",
            "server": tuple(server[:2]) if isinstance(server, tuple) else None,
            "client": tuple(client[:2]) if isinstance(client, tuple) else None,
            "root_path": "",
        }
        self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._state.connections.discard(cast(Any, self))
        if self._timer is not None:
            self._timer.cancel()
        for cycle in (self._active, self._cycle, *self._waiting):
            if cycle is not None:
                cycle.gone = True
                cycle.wake()
        self._waiting.clear()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if not self._reading:
            self._since = self._loop.time()
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # an offer, not a demand: it is answered as the plain request that it also is (RFC 9110, section 7.8)
        except httptools.HttpParserError:
            self._refuse(400, "The request is not valid HTTP.")
            return
        if self._reading and self._head_bytes > MOST_HEAD_BYTES and self._cycle is None:
            self._refuse(431, "The request's header fields are too large.")

    def eof_received(self) -> bool:
        """The client closed its side: nobody waits for an answer."""
        return False

    def pause_writing(self) -> None:
        self.write_paused = True

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # --- what the parser calls

    def on_message_begin(self) -> None:
        self._reading = True
        self._headers = []
        self._url = b""
        self._cycle = None

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        headers, parser = self._headers, self._parser
        fields = dict(headers)
        if b"transfer-encoding" in fields and b"content-length" in fields:
            self._refuse(400, "A request has a content-length or a transfer-encoding, not both.")
            return
        version = parser.get_http_version()
        path, query = _target_of(self._url)
        scope = {
            **self._scope,
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": path.encode("latin-1"),
            "query_string": query,
            "headers": headers,
        }
        self._cycle = Cycle(
            self,
            scope,
            keep_alive=parser.should_keep_alive(),
            expects_continue=b"expect" in fields and fields[b"expect"].lower() == b"100-continue",
        )
        if self._active is None:
            self._begin(self._cycle)
        else:
            self._waiting.append(self._cycle)
            self._pause_reading()

    def on_body(self, body: bytes) -> None:
        cycle = self._cycle
        if cycle is not None and not cycle.over and cycle.feed(body):
            self._pause_reading()

    def on_message_complete(self) -> None:
        self._reading = False
        self._head_bytes = 0
        cycle = self._cycle
        if cycle is not None:
            cycle.complete = True
            cycle.wake()

    # --- what cycles call

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def writable(self) -> None:
        while self.write_paused:
            if self._drained is None or self._drained.done():
                self._drained = self._loop.create_future()
            await asyncio.shield(self._drained)

    def future(self) -> asyncio.Future[None]:
        return self._loop.create_future()

    def resume_reading(self) -> None:
        if self._reading_paused and not self._waiting and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def date(self) -> bytes:
        """uvicorn puts a new list there every second."""
        defaults = self._state.default_headers
        if self._dates[0] is not defaults:
            self._dates = (defaults, b"".join(b"%b: %b\r\n" % pair for pair in defaults))
        return self._dates[1]

    def over(self, cycle: Cycle) -> None:
        self._state.total_requests += 1
        self._active = None
        if not cycle.keep_alive or self._refused:
            self._transport.close()
        elif self._waiting:
            self._begin(self._waiting.popleft())
        else:
            self._since = self._loop.time()
        self.resume_reading()

    # --- what the server calls

    def shutdown(self) -> None:
        """A request that is under way gets its answer."""
        if self._active is None:
            self._transport.close()
        else:
            self._active.keep_alive = False

    def _begin(self, cycle: Cycle) -> None:
        self._active = cycle
        task = cycle.task = self._loop.create_task(self._serve(cycle))
        self._state.tasks.add(task)

    async def _serve(self, cycle: Cycle) -> None:
        try:
            await self._app(cast(Any, cycle.scope), cycle.receive, cast(Any, cycle.send))
        except Exception:  # noqa: BLE001  # the administration's; the data plane turns its own into replies
            _log.exception("an application failed")
        finally:
            if cycle.task is not None:
                self._state.tasks.discard(cycle.task)
            if not cycle.over and not cycle.gone:
                self._abandon(cycle)

    def _abandon(self, cycle: Cycle) -> None:
        """The application ended without a whole answer: nothing else may be sent on this connection."""
        if not cycle.started:
            self._transport.write(_plain(500, "The gateway failed."))
        self._transport.close()

    def _refuse(self, status: int, message: str) -> None:
        """What came is no request, so neither is what follows: the connection ends, after the answers under way."""
        self._refused = True
        self._reading = False
        self._pause_reading()
        if self._active is None:
            self._transport.write(_plain(status, message))
            self._transport.close()
        else:
            self._active.keep_alive = False
            if self._active is self._cycle:  # its own body is what went wrong
                self._active.gone = True
                self._active.wake()
                self._transport.close()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _look(self) -> None:
        """Ends what takes too long. Answers take what they take: whoever makes them has limits of its own."""
        self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)
        waited = self._loop.time() - self._since
        if self._reading and self._cycle is None and waited > HEAD_SECONDS:
            self._refuse(408, "The request's header fields did not arrive in time.")
        elif (self._reading and waited > REQUEST_SECONDS) or (
            not self._reading and self._active is None and waited > self._idle_seconds
        ):
            self._transport.close()


def _target_of(url: bytes) -> tuple[str, bytes]:
    """Path and query. A proxy may send the absolute form (RFC 9112, section 3.2.2)."""
    if not url.startswith(b"/"):
        try:
            parsed = httptools.parse_url(url)
        except httptools.HttpParserInvalidURLError:
            return url.decode("latin-1"), b""
        return (parsed.path or b"/").decode("latin-1"), parsed.query or b""
    path, _, query = url.partition(b"?")
    return path.decode("latin-1"), query


def _plain(status: int, message: str) -> bytes:
    """A refusal in the shape that most clients here understand: the dialect is not known yet."""
    error = {"message": message, "type": "invalid_request_error" if status < 500 else "server_error"}
    body = orjson.dumps({"error": {**error, "param": None, "code": "bad_http" if status < 500 else "internal_error"}})
    return (
        b"HTTP/1.1 %d Refused\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
    ) % (status, len(body), body)
