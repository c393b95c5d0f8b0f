"""The connection of a client: bytes to cycles and back. Given to uvicorn as its HTTP protocol.

Stricter than what uvicorn brings (RFC 9112): heads are checked and bounded in size, and heads and bodies in the time
that they may take. A connection has one timer, which looks now and then, instead of one for each request.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import termios
from collections import deque
from typing import Any, Final, cast
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.serving.http.cycle import Cycle
from gateway.serving.http.head import MOST_HEAD_BYTES, check, check_size, target_of, without_offer
from gateway.serving.http.limits import Limits
from gateway.serving.http.refusal import Refusal

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_log = logging.getLogger(__name__)


class HttpProtocol(asyncio.Protocol):
    """What uvicorn asks of a protocol class: this constructor, `shutdown`, and its place in the server's state. All but
    `limits` is given by uvicorn."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 -- of a lifespan, which is off
        _loop: asyncio.AbstractEventLoop | None = None,
        limits: Limits | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self._app: Any = config.loaded_app
        self._limits = limits or Limits()
        self._idle_seconds = float(config.timeout_keep_alive)
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._cycle: Cycle | None = None  # the one whose request is being read, or was last
        self._waiting: deque[Cycle] = deque()  # requests sent before the answer to the last one was out (pipelining)
        self._active: Cycle | None = None  # the one being answered
        self._headers: list[tuple[bytes, bytes]] = []
        self._url = b""
        self._plain_head = b""  # of a request that offers another protocol, without the offer
        self._reading = False  # a request has begun and is not complete
        self._read_bytes = 0  # by the read that is being parsed
        self._first_bytes = 0  # by the read in which the head began
        self._bare_bytes = 0  # by later ones, since the head began or the last part of a body came
        self._rest_bytes = 0  # read of the request since it was answered
        self._since = self._loop.time()  # when it began, or when the connection fell idle
        self._timer: asyncio.TimerHandle | None = None
        self._reading_paused = False
        self._drained: asyncio.Future[None] | None = None
        self._unsent = 0  # bytes, when the timer last looked
        self._sent_at = self._since  # when it last saw them become fewer
        self._deaf = False  # what comes is thrown away
        self._last_word = b""  # the answer to what was no request, after those under way
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
        self._timer = self._loop.call_later(self._limits.look, self._look)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._state.connections.discard(cast(Any, self))
        if self._timer is not None:
            self._timer.cancel()
        for cycle in (self._active, self._cycle, *self._waiting):
            if cycle is not None:
                cycle.leave()
        # What is left refers to this object, and is freed with it: the collector has nothing to do.
        self._active = self._cycle = self._timer = None
        self._waiting.clear()
        self._parser = None
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._read_bytes = len(data)
        self._bare_bytes += len(data)
        rest = b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            rest = data[offer.args[0] :]
        except httptools.HttpParserError as error:
            self._misread(error)
            return
        if self._plain_head:
            self._decline(rest)
        if self._reading:
            self._check_progress(len(data))

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
        self._since = self._loop.time()
        self._first_bytes = self._read_bytes
        self._bare_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        headers, parser = self._headers, self._parser
        self._headers = []  # for trailers, which are not the request's header fields (RFC 9110, section 6.5.1)
        if self._first_bytes + self._bare_bytes > MOST_HEAD_BYTES:
            check_size(self._url, headers)
        fields = dict(headers)
        version = parser.get_http_version()
        if version != "1.1" or b"host" not in fields or b"transfer-encoding" in fields or len(fields) != len(headers):
            check(version, headers)
        method = parser.get_method().decode("ascii")
        if parser.should_upgrade():
            if method == "CONNECT":
                raise Refusal(501, "This server is no proxy.")
            self._plain_head = without_offer(method, self._url, version, headers)
            return
        raw_path, query = target_of(self._url)
        path = raw_path.decode("latin-1")
        scope = {
            **self._scope,
            "http_version": version,
            "method": method,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": headers,
        }
        cycle = self._cycle = Cycle(
            self,
            scope,
            keep_alive=parser.should_keep_alive(),
            expects_continue=b"expect" in fields and fields[b"expect"].lower() == b"100-continue" and version == "1.1",
        )
        if self._active is None:
            self._begin(cycle)
        else:
            self._enqueue(cycle)

    def on_body(self, body: bytes) -> None:
        self._bare_bytes = 0
        cycle = self._cycle
        if cycle is not None and not cycle.over and cycle.feed(body):
            self._pause_reading()

    def on_message_complete(self) -> None:
        self._reading = False
        cycle = self._cycle
        if cycle is not None:
            cycle.complete = True
            if cycle.waiter is not None:
                cycle.wake()
            if self._reading_paused and cycle is self._active:  # else nobody would notice that the client leaves
                self.resume_reading()

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
        is_wanted = self._deaf or len(self._waiting) < self._limits.ahead_read
        if self._reading_paused and is_wanted and not self._transport.is_closing():
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
        self._since = self._loop.time()
        self._rest_bytes = 0
        if not cycle.keep_alive:
            self._hang_up()
        elif self._waiting:
            self._begin(self._waiting.popleft())
        elif self._last_word:
            self._transport.write(self._last_word)
            self._hang_up()
        if self._reading_paused:
            self.resume_reading()

    # --- what the server calls

    def shutdown(self, idle: float = 0.0) -> None:
        """Closes a connection that has not been used for `idle` seconds. A request that is under way gets its answer;
        one that is just coming, and a client that reads its last answer, get a moment."""
        if self._active is not None or self._transport.is_closing():
            return
        if self._reading or self._deaf:
            idle = max(idle, self._limits.moment)
        if self._loop.time() - self._since >= idle and not self._has_unread():
            self._transport.close()

    def _has_unread(self) -> bool:
        """Whether the kernel has bytes that nobody has read: to close now would be to lose a request."""
        waiting = fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), termios.FIONREAD, bytes(4))
        return any(waiting)

    # --- requests

    def _decline(self, rest: bytes) -> None:
        """It is an offer, not a demand (RFC 9110, section 7.8). llhttp takes what follows the head for that other
        protocol, though it is the request's body, so the head is read again as if nothing had been offered."""
        while self._plain_head:
            data, self._plain_head = self._plain_head + rest, b""
            self._parser = httptools.HttpRequestParser(self)
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                rest = data[offer.args[0] :]
            except httptools.HttpParserError as error:
                self._misread(error)
                return

    def _enqueue(self, cycle: Cycle) -> None:
        self._waiting.append(cycle)
        if len(self._waiting) > self._limits.ahead:
            raise Refusal(400, "Too many requests were sent ahead of their answers.")
        if len(self._waiting) >= self._limits.ahead_read:
            self._pause_reading()

    def _begin(self, cycle: Cycle) -> None:
        self._active = cycle
        # Without a name of its own: for `create_task` to print one costs a tenth of what a task does, or more.
        task = cycle.task = asyncio.Task(self._serve(cycle), loop=self._loop, name="request")
        self._state.tasks.add(task)

    async def _serve(self, cycle: Cycle) -> None:
        try:
            await self._app(cycle.scope, cycle.receive, cycle.send)
            if not cycle.over and not cycle.gone:
                _log.error("an application ended without a whole answer")
        except Exception:  # noqa: BLE001  # the administration's; the data plane turns its own into replies
            _log.exception("an application failed")
        finally:
            if cycle.task is not None:
                self._state.tasks.discard(cycle.task)
            if not cycle.over and not cycle.gone:
                self._abandon(cycle)

    def _abandon(self, cycle: Cycle) -> None:
        """The application ended without a whole answer: nothing else may be sent on this connection."""
        self._active = None
        cycle.leave()
        if cycle.silent:
            failure = Refusal(500, "The gateway failed.")
            self._transport.write(failure.answer(self.date(), bodiless=cycle.scope["method"] == "HEAD"))
        self._hang_up()

    # --- what goes wrong

    def _misread(self, error: httptools.HttpParserError) -> None:
        cause = error.__context__
        if isinstance(cause, Refusal):
            self._refuse(cause)
            return
        if isinstance(error, httptools.HttpParserCallbackError):
            _log.error("a request could not be read", exc_info=cause)
        self._refuse(Refusal(400, "The request is not valid HTTP."))

    def _check_progress(self, size: int) -> None:
        """After a read that ends in the middle of a request. A head, trailers and the lines between chunks are read
        while they last, and kept, so they are bounded; so is a body that nobody asks for any more."""
        if self._bare_bytes > MOST_HEAD_BYTES:
            self._refuse(Refusal(431, "The request's header fields are too large."))
        elif self._cycle is not None and self._cycle.over:
            self._rest_bytes += size
            if self._rest_bytes > self._limits.rest:
                self._hang_up()

    def _refuse(self, refusal: Refusal) -> None:
        """What came is no request, so neither is what follows. Those before it get their answers, and then it does."""
        self._deaf = True
        self.resume_reading()  # else nobody would notice that the client leaves
        cycle = self._cycle
        answer = refusal.answer(self.date())
        if cycle is not None and self._reading:  # it is the body of a request that goes wrong
            if cycle in self._waiting:
                self._waiting.remove(cycle)  # its turn will not come
            else:
                if not cycle.silent:
                    answer = b""
                self._active = None
                cycle.leave()
        self._reading = False
        if self._active is None:
            self._transport.write(answer)
            self._hang_up()
        else:
            self._last_word = answer

    def _hang_up(self) -> None:
        """Nothing more will be answered. Where the client is not done with its request it gets time to notice: to close
        at once would reset the connection, and it might never read what was answered (RFC 9112, section 9.6)."""
        transport = self._transport
        if transport.is_closing():
            return
        self._since = self._loop.time()
        if (self._reading or self._deaf or self._waiting) and transport.can_write_eof():
            self._deaf = True
            self._reading = False
            transport.write_eof()
            self.resume_reading()
        else:
            transport.close()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _look(self) -> None:
        """Ends what takes too long. Answers take what they take: whoever makes them has limits of its own."""
        now = self._loop.time()
        self._timer = self._loop.call_later(self._limits.look, self._look)
        waited = now - self._since
        is_closing = self._transport.is_closing()
        if self._reading and not self._reading_paused and not is_closing:
            if waited > (self._limits.head if self._cycle is None else self._limits.request):
                self._refuse(Refusal(408, "The request did not arrive in time."))
        elif self._active is None and waited > (self._limits.linger if self._deaf else self._idle_seconds):
            self._transport.close()
        unsent = self._transport.get_write_buffer_size()
        if unsent < self._unsent or not (self.write_paused or is_closing):
            self._sent_at = now
        elif now - self._sent_at > self._limits.unread:
            self._transport.abort()
        self._unsent = unsent
