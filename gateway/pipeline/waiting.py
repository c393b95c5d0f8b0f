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
from gateway.pipeline.keep_alive import Work
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.wire.chat_stream import cut_frame
from gateway.wire.errors import ClientGone, GatewayError
from gateway.wire.http import STREAMED, ByteStream, Reply
from gateway.wire.sse import PING, comment
from router.clearance import LOCAL_ZONE


async def patiently(parts: Parts, exchange: Exchange, attempts: Coroutine[Any, Any, Reply]) -> Reply:
    """What the attempts come to, or, where that takes long, a reply whose stream waits for it. Raises what they do."""
    work = parts.keep_alive.begin(attempts)
    try:
        await parts.keep_alive.wait(work)
        while not work.task.done():
            if exchange.receipt.zone == LOCAL_ZONE:  # others have a status of their own for being slow
                receipt = replace(exchange.receipt, deployment="", zone="", masked="")  # who will answer is not known
                stream = WaitingStream(parts, exchange, work)
                return Reply(200, [*STREAMED, *receipt.headers()], stream=stream)
            await parts.keep_alive.wait(work)
    except asyncio.CancelledError:
        await _give_up(work.task)
        raise
    return work.task.result()


class WaitingStream:
    """A `ByteStream`: comments, then what the attempts come to."""

    __slots__ = ("_answer", "_exchange", "_has_spoken", "_parts", "_work", "ended")

    def __init__(self, parts: Parts, exchange: Exchange, work: Work[Reply]) -> None:
        self._parts = parts
        self._exchange = exchange
        self._work = work
        self._answer: ByteStream | None = None
        self._has_spoken = False
        self.ended = False

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
            await self._parts.keep_alive.wait(self._work)
        except asyncio.CancelledError:
            self._exchange.status = ClientGone.status
            await _give_up(self._work.task)
            raise
        if not self._work.task.done():
            return PING
        try:
            self._answer = self._work.task.result().stream
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
        task = self._work.task
        if self._answer is not None:
            self._answer.close()
        elif task.done():
            _discard(task)
        else:
            self._exchange.status = ClientGone.status
            self._parts.background.start(_give_up(task))


async def _give_up(task: asyncio.Task[Reply]) -> None:
    """The client has left. The attempt that is under way closes its books."""
    task.cancel()
    await asyncio.wait({task})
    _discard(task)


def _discard(task: asyncio.Task[Reply]) -> None:
    """Nobody will read what the attempts came to."""
    if not task.cancelled() and task.exception() is None:
        stream = task.result().stream
        if stream is not None:
            stream.close()


def _said_by(receipt: Receipt) -> bytes:
    """What the receipt could not say in the headers."""
    masked = (f"x-tidegate-masked: {receipt.masked}",) if receipt.masked else ()
    return comment(f"x-tidegate-deployment: {receipt.deployment}", f"x-tidegate-zone: {receipt.zone}", *masked)
