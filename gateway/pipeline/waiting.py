"""Waiting: who has waited long for a model at home is sent comments, so that nobody on the way takes the line for dead.

Otherwise the first event of an answer is seen before anything is promised. Here the client has a status before there is
an answer. A failure is then told in the stream, but not yet the first one: as long as nothing but comments was sent,
the next deployment is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.wire.chat_stream import cut_frame
from gateway.wire.errors import ClientGone, GatewayError
from gateway.wire.http import STREAMED, ByteStream, Reply
from gateway.wire.sse import PING, comment
from router.clearance import LOCAL_ZONE


async def patiently(parts: Parts, exchange: Exchange, attempts: Coroutine[Any, Any, Reply]) -> Reply:
    """What the attempts come to, or, where that takes long, a reply whose stream waits for it. Raises what they do."""
    stream = WaitingStream(parts, exchange, attempts)
    try:
        while not await stream.has_answer():
            if exchange.receipt.zone == LOCAL_ZONE:  # others have a status of their own for being slow
                receipt = replace(exchange.receipt, deployment="", zone="")  # who will answer is not known
                return Reply(200, [*STREAMED, *receipt.headers()], stream=stream)
        return stream.answer()
    except asyncio.CancelledError:
        await stream.give_up()
        raise


class WaitingStream:
    """A `ByteStream`: comments, then what the attempts come to."""

    __slots__ = ("_answer", "_attempts", "_exchange", "_has_spoken", "_parts", "ended")

    def __init__(self, parts: Parts, exchange: Exchange, attempts: Coroutine[Any, Any, Reply]) -> None:
        self._parts = parts
        self._exchange = exchange
        self._attempts = asyncio.get_running_loop().create_task(attempts)
        self._answer: ByteStream | None = None
        self._has_spoken = False
        self.ended = False

    async def has_answer(self) -> bool:
        """Whether the attempts are over; if not, a sign of life is due."""
        await self._parts.keep_alive.wait(self._attempts)
        return self._attempts.done()

    def answer(self) -> Reply:
        """What the attempts came to. Raises what they raised."""
        return self._attempts.result()

    async def next(self) -> bytes:
        if self.ended:
            return b""
        if self._answer is not None:
            piece = await self._answer.next()
            self.ended = self._answer.ended
            return piece
        if not self._has_spoken:
            self._has_spoken = True
            return PING
        try:
            if not await self.has_answer():
                return PING
        except asyncio.CancelledError:
            await self.give_up()
            raise
        try:
            self._answer = self.answer().stream
        except GatewayError as error:
            self.ended = True
            self._exchange.status = error.status
            return cut_frame(error)
        except Exception:  # a fault of ours, which the door sees to
            self._exchange.status = GatewayError.status
            raise
        return _said_by(self._exchange.receipt) + await self.next()

    def broken_off(self, error: GatewayError) -> bytes:
        return cut_frame(error)

    def close(self) -> None:
        if self._answer is not None:
            self._answer.close()
        elif not self._attempts.done():
            self._exchange.status = ClientGone.status
            self._parts.background.start(self.give_up())
        else:
            self._discard()

    async def give_up(self) -> None:
        """The client has left. The attempt that is under way closes its books."""
        self._exchange.status = ClientGone.status
        self._attempts.cancel()
        await asyncio.wait({self._attempts})
        self._discard()

    def _discard(self) -> None:
        """Nobody will read what the attempts came to."""
        if not self._attempts.cancelled() and self._attempts.exception() is None:
            stream = self._attempts.result().stream
            if stream is not None:
                stream.close()


def _said_by(receipt: Receipt) -> bytes:
    """What the receipt could not say in the headers."""
    return comment(f"x-tidegate-deployment: {receipt.deployment}", f"x-tidegate-zone: {receipt.zone}")
