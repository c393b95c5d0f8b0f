"""A connection: HTTP/1.1 to one model server (RFC 9112), one request at a time, kept open between requests.

httptools (llhttp) parses. What it lets through and a client must not accept is refused here: two framings, an unknown
transfer coding, a head without end, bytes that nobody asked for. Nothing is reused after anything odd.

What came in one read is handed on in one piece, however many chunks it held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

import httptools

from gateway.egress.engine import BrokenOff
from gateway.egress.http_answer import HttpAnswer
from gateway.egress.taken import may_be_taken
from gateway.egress.watchdog import Watchdog
from gateway.wire.errors import UpstreamFailed, UpstreamTimedOut

MAX_HEAD_BYTES: Final = 64 * 1024
STALE_SECONDS = 1.0  # until a server that had closed a kept connection has said so: a round trip and some load
_COPIED: Final = 64 * 1024  # a body up to here is copied behind its head rather than written as a second buffer
_INFORMATIONAL: Final = range(100, 200)
_WITHOUT_BODY: Final = frozenset({204, 304})


class StaleConnection(UpstreamFailed):
    """A kept connection was closed by the server before it said a word: the request was not taken up."""


class Connection(asyncio.Protocol):
    """`on_free` is called with the connection when it can take the next request, `on_lost` when it is gone."""

    __slots__ = (
        "_answer",
        "_headers",
        "_informational",
        "_keep",
        "_on_free",
        "_on_lost",
        "_parser",
        "_parts",
        "_posted_at",
        "_transport",
        "_unread",
        "_until_close",
        "_written",
        "alive",
        "free_since",
        "loop",
        "on_body",
        "used",
        "watchdog",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_free: Callable[[Connection], None],
        on_lost: Callable[[Connection], None],
    ) -> None:
        self.loop = loop
        self.watchdog = Watchdog(loop, self._on_silence)
        self._on_free = on_free
        self._on_lost = on_lost
        self._parts: list[bytes] = []  # of the body, from one read
        self.on_body = self._parts.append  # the parser calls it for each chunk, with no Python in between
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: HttpAnswer | None = None
        self._headers: dict[bytes, bytes] = {}
        self._unread = 0  # bytes in a row that held nothing of a body: heads, trailers, chunk extensions
        self._posted_at = 0.0
        self._written = 0  # bytes, of all requests
        self._informational = False
        self._keep = False
        self._until_close = False
        self.alive = True
        self.used = False  # has answered before, so the server may be about to close it
        self.free_since = 0.0

    def post(self, head: bytes, body: bytes, *, first: float, between: float, deadline: float) -> HttpAnswer:
        """Sends a request; the answer comes as it arrives. `head` ends with the blank line.

        `first` and `between` are the patience in seconds, before the first bytes and after; `deadline` is loop time.
        """
        transport = self._transport
        if transport is None:
            raise UpstreamFailed("The connection is not open.")
        self._answer = answer = HttpAnswer(self, between=between)
        self._unread = 0
        self._posted_at = self.loop.time()
        self._written += len(head) + len(body)
        self.watchdog.watch(first, deadline)
        if len(body) < _COPIED:
            transport.write(head + body)
        else:
            transport.writelines((head, body))
        return answer

    def pause(self) -> None:
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    def abort(self) -> None:
        self.alive = False
        self._answer = None
        self.watchdog.end()
        if self._transport is not None:
            self._transport.abort()

    def itself(self) -> Connection:
        """What an event loop asks for a protocol."""
        return self

    def let_go(self) -> None:
        """It is gone, or was never made: the parser and the watchdog, which hold it, are held by it no longer."""
        self.watchdog.end()
        self._parser = httptools.HttpResponseParser(None)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:  # bytes that nobody asked for: the next answer could not be trusted
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, _OutOfTurnError):
            self._hand_on()  # what was good before it
            if self._answer is not None:
                self._answer.fail(UpstreamFailed("The model's server does not speak HTTP/1.1 properly."))
            self.abort()
            return
        if self._parts:
            self._hand_on()
        elif self._answer is not None:
            self._unread += len(data)
            if self._unread > MAX_HEAD_BYTES:
                self._answer.fail(UpstreamFailed("The model's server sent a head without end."))

    def _hand_on(self) -> None:
        parts, answer = self._parts, self._answer
        if not parts:
            return
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._unread = 0
        if answer is not None:
            answer.arrived(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        answer, self._answer = self._answer, None
        if answer is not None:
            if self._until_close and answer.status and exc is None:
                answer.finished()
            elif self._is_stale(answer, is_reset=exc is not None):
                answer.fail(StaleConnection("The model's server closed a kept connection."))
            else:
                answer.fail(BrokenOff("The model's server broke off its answer."))
        self._transport = None
        self.let_go()
        self._on_lost(self)

    def _is_stale(self, answer: HttpAnswer, *, is_reset: bool) -> bool:
        """Closed while it was idle, which shows at once, and before it had the request; else the server may have worked
        on that, and failed."""
        untouched = self.used and not answer.status and not self._unread
        if not untouched or self.loop.time() - self._posted_at >= STALE_SECONDS:
            return False
        transport = self._transport
        return transport is None or not may_be_taken(transport, self._written, is_reset=is_reset)

    def _on_silence(self) -> None:
        if self._answer is not None:
            self._answer.fail(UpstreamTimedOut("The model's server did not answer in time."))

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._answer is None:
            raise _OutOfTurnError
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is not None and not self._answer.status:  # trailers say nothing that is needed
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        answer = self._answer
        if status == 101 or answer is None:
            raise _OutOfTurnError
        self._informational = status in _INFORMATIONAL
        if self._informational:
            return
        headers = self._headers
        coding = headers.get(b"transfer-encoding")
        if coding is not None and coding.strip().lower() != b"chunked":
            raise _OutOfTurnError
        self._until_close = coding is None and b"content-length" not in headers and status not in _WITHOUT_BODY
        self._keep = self._parser.should_keep_alive() and not self._until_close
        answer.started(status, headers)

    def on_message_complete(self) -> None:
        if self._informational:
            self._informational = False
            return
        self._hand_on()
        answer, self._answer = self._answer, None
        self.watchdog.stop()
        transport = self._transport
        if answer is None or transport is None:
            return
        answer.finished()
        if self._keep and self.alive and transport.get_write_buffer_size() == 0:
            self.used = True
            self.resume()
            self._on_free(self)
        else:
            self.alive = False
            transport.close()


class _OutOfTurnError(Exception):
    """Something valid by itself that has no place where it came."""
