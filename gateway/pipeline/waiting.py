"""Waiting: who has waited long for a model at home is sent comments, so that nobody on the way takes the line for dead.

Otherwise the first event of an answer is seen before anything is promised. Here the client has a status before there is
an answer. A failure is then told in the stream, but not yet the first one: as long as nothing but comments was sent,
the next deployment is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.wire.errors import GatewayError
from gateway.wire.http import STREAMED, ByteStream, Reply
from gateway.wire.line import Line
from gateway.wire.sse import PING, comment
from router.clearance import LOCAL_ZONE


async def patiently(
    parts: Parts, exchange: Exchange, line: Line, attempts: Awaitable[Reply], zone: Callable[[], str] | None = None
) -> Reply:
    """What the attempts come to. Raises what they do. Meanwhile there may be comments on the line. `zone`: where it is
    answered, if somebody else has asked."""
    waiting = _Waiting(exchange, line, zone)
    parts.keep_alive.add(waiting)
    failure: BaseException | None = None
    try:
        waiting.reply = await attempts
    except BaseException as error:  # noqa: BLE001  # raised again below
        failure = error  # no `finally`: who waits in one, compiled, has all others handle this exception too
    parts.keep_alive.remove(waiting)
    if waiting.speaking is not None:
        await _hushed(waiting)
    if failure is not None:
        try:
            raise failure
        finally:
            failure = None  # a traceback holds this frame
    return announced(exchange, cast("Reply", waiting.reply))


def announced(exchange: Exchange, reply: Reply) -> Reply:
    """With what its headers would have said, where they are out already."""
    line = exchange.call.line
    if line is not None and line.has_begun and reply.stream is not None:
        reply.stream = AnnouncedStream(_said_by(exchange.receipt), reply.stream)
    return reply


async def _hushed(waiting: _Waiting) -> None:
    """The client may leave just now, with an answer there that nobody will read: its books are closed all the same."""
    try:
        await waiting.hush()
    except BaseException:
        if waiting.reply is not None and waiting.reply.stream is not None:
            waiting.reply.stream.close()
        raise


class _Waiting:
    """A `Waiter`: one client."""

    __slots__ = ("_exchange", "_line", "_zone", "due", "reply", "speaking")

    def __init__(self, exchange: Exchange, line: Line, zone: Callable[[], str] | None) -> None:
        self._exchange = exchange
        self._zone = zone
        self._line = line
        self.due = 0.0
        self.reply: Reply | None = None  # what was waited for
        self.speaking: asyncio.Task[None] | None = None

    def ring(self) -> None:
        if self.speaking is not None and not self.speaking.done():
            return  # the client does not read what it was sent last time
        zone = self._exchange.receipt.zone if self._zone is None else self._zone()
        if self._line.has_begun or zone == LOCAL_ZONE:  # others have a status of their own
            self.speaking = asyncio.get_running_loop().create_task(self._speak())

    async def hush(self) -> None:
        """From now on the line is somebody else's."""
        speaking = cast("asyncio.Task[None]", self.speaking)
        speaking.cancel()
        await asyncio.wait({speaking})
        if not speaking.cancelled():
            speaking.result()

    async def _speak(self) -> None:
        if not self._line.has_begun:
            receipt = self._exchange.receipt.copy()
            receipt.deployment = receipt.zone = receipt.masked = ""  # who will answer is not known
            await self._line.begin([*STREAMED, *receipt.headers()])
        await self._line.say(PING)


class AnnouncedStream:
    """A `ByteStream` with something said before it."""

    __slots__ = ("_first", "ended", "stream")

    def __init__(self, first: bytes, stream: ByteStream) -> None:
        self._first = first
        self.stream = stream
        self.ended = False

    async def next(self) -> bytes:
        first, self._first = self._first, b""
        piece = first + await self.stream.next()
        self.ended = self.stream.ended
        return piece

    def broken_off(self, error: GatewayError) -> bytes:
        return self.stream.broken_off(error)

    def close(self) -> None:
        self.stream.close()


def _said_by(receipt: Receipt) -> bytes:
    """What the receipt could not say in the headers."""
    more = (f"x-tidegate-masked: {receipt.masked}",) if receipt.masked else ()
    if receipt.cache == "stale":
        more = (*more, "x-tidegate-cache: stale")
    return comment(f"x-tidegate-deployment: {receipt.deployment}", f"x-tidegate-zone: {receipt.zone}", *more)
