"""What a server answers to one request, as it arrives: status, then the body, whole or chunk by chunk.

The connection tells it what came; whoever asked reads it, and is waited for.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from gateway.egress.engine import AnswerTooLarge
from gateway.egress.retry_after import retry_after
from gateway.wire.errors import UpstreamFailed

if TYPE_CHECKING:
    from gateway.egress.connection import Connection

MAX_ANSWER_BYTES = 64 * 1024 * 1024
RUN_OUT_SECONDS = 2.0  # what a server gets to end an answer whose last event has been read
HIGH_WATER: Final = 256 * 1024  # bytes waiting to be read, from which on the server is made to wait
_GIVEN_UP: Final = "The answer was given up."


class HttpAnswer:
    """What a server answers, as it arrives. `between` is the patience in seconds once the first bytes are here."""

    __slots__ = (
        "_between",
        "_chunks",
        "_connection",
        "_done",
        "_error",
        "_inflate",
        "_loop",
        "_size",
        "_waiter",
        "_whole",
        "content_type",
        "retry_after",
        "status",
    )

    def __init__(self, connection: Connection, *, between: float) -> None:
        self._connection: Connection | None = connection
        self._loop = connection.loop
        self._between = between
        self._chunks: list[bytes] = []
        self._size = 0
        self._done = False
        self._whole = False
        self._error: UpstreamFailed | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._inflate: zlib._Decompress | None = None
        self.status = 0
        self.content_type = ""
        self.retry_after: int | None = None

    async def head(self) -> None:
        """Waits for status and headers. Raises `UpstreamFailed`."""
        while not self.status:
            if self._error is not None:
                raise self._told()
            await self._more()

    async def body(self) -> bytes:
        """The whole body, at most `MAX_ANSWER_BYTES`."""
        self._whole = True
        if self._connection is not None:
            self._connection.resume()
        while not self._done and self._error is None:
            await self._more()
        if self._size > MAX_ANSWER_BYTES:
            raise AnswerTooLarge("The model's answer is larger than the gateway takes in.")
        if self._error is not None:
            raise self._told()
        return self._taken()

    async def chunk(self) -> bytes:
        """The bytes that have come since the last call, `b""` at a clean end."""
        while not self._chunks:
            if self._error is not None:
                raise self._told()
            if self._done:
                return b""
            await self._more()
        return self._taken()

    def finish(self) -> None:
        """All that matters has been read: what is left may run out by itself, so that the connection can be kept."""
        if self._connection is not None:
            self._chunks.clear()
            self._size = 0
            self._connection.resume()
            self._connection.watchdog.fed(RUN_OUT_SECONDS)

    def close(self) -> None:
        """Cuts a connection that is still being read. Safe at any time."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
        if not self._done and self._error is None:
            self._error = UpstreamFailed(_GIVEN_UP)

    def _told(self) -> UpstreamFailed:
        """What went wrong, for the one who is told of it: its traceback holds him, and he holds this answer."""
        error, self._error = self._error, UpstreamFailed(_GIVEN_UP)
        return error or self._error

    def _taken(self) -> bytes:
        chunks = self._chunks
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if self._size > HIGH_WATER and self._connection is not None:
            self._connection.resume()
        self._size = 0
        return data

    def _more(self) -> asyncio.Future[None]:
        """Done as soon as something new is known."""
        self._waiter = self._loop.create_future()
        return self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the connection calls.

    def started(self, status: int, headers: dict[bytes, bytes]) -> None:
        self.status = status
        self.content_type = headers.get(b"content-type", b"").decode("latin-1")
        if b"retry-after" in headers or b"retry-after-ms" in headers:
            said = (headers.get(name, b"").decode("latin-1") for name in (b"retry-after", b"retry-after-ms", b"date"))
            self.retry_after = retry_after(*said)
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding in {b"gzip", b"x-gzip", b"deflate"}:
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif encoding not in {b"identity", b""}:
            self.fail(UpstreamFailed("The model's server answered in an encoding that was not asked for."))
            return
        self._wake()

    def arrived(self, data: bytes) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._inflate is not None:
            try:
                data = self._inflate.decompress(data, MAX_ANSWER_BYTES)
            except zlib.error:
                self.fail(UpstreamFailed("The model's server sent a broken encoding."))
                return
        connection.watchdog.fed(self._between)
        if not data:  # nothing to be unpacked yet: an empty chunk would be the end
            return
        self._chunks.append(data)
        self._size += len(data)
        if self._whole:
            if self._size > MAX_ANSWER_BYTES:
                self.fail(AnswerTooLarge("The model's answer is larger than the gateway takes in."))
            return
        if self._size > HIGH_WATER:
            connection.pause()
        self._wake()

    def finished(self) -> None:
        """The body is complete; the connection belongs to somebody else from now on."""
        self._connection = None
        if self._inflate is not None and not self._inflate.eof:
            self._error = UpstreamFailed("The model's server broke off its answer.")
        self._done = True
        self._wake()

    def fail(self, error: UpstreamFailed) -> None:
        if self._done or self._error is not None:
            return
        self._error = error
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
        self._wake()
