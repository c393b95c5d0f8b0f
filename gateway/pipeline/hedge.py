"""Hedge: a second deployment is asked where the first keeps silent. Whoever begins to answer first is taken.

first ──silent for so long──► second, under the same clearance and the same budgets
  └──────────── whoever begins ────────────┴──► client; the other one is cut off, and is in the books as `hedge`

Nothing of it goes out before one is chosen, so neither knows of the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from msgspec import Struct

from gateway.accounting.fault import JournalUnavailable
from gateway.egress.guard import Permit
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.candidates import Candidates
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import RequestRefused
from gateway.pipeline.live import LiveStream
from gateway.pipeline.parts import Parts
from gateway.pipeline.tab import Beyond
from gateway.pipeline.whole import usage_in
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed

_EXPECTED = (GatewayError, RequestRefused, Beyond)


Sent = tuple[Permit, bytes]
"""The leave to send, and what is sent."""


class Opened(Struct, frozen=True, gc=False):
    """An answer that has begun, of which nobody has seen anything: a stream, or all of it."""

    attempt: Attempt
    stream: LiveStream | None
    body: bytes
    said: dict[str, object]


class Way(Protocol):
    """What the attempts do for a hedge."""

    parts: Parts

    async def begun(self, exchange: Exchange, attempt: Attempt) -> Sent: ...

    async def opened(self, exchange: Exchange, attempt: Attempt, sent: Sent) -> Opened: ...


async def hedged(
    way: Way, exchange: Exchange, first: Attempt, sent: Sent, candidates: Candidates, after: float
) -> Opened:
    """The answer of whoever begins first; `first` has begun its books. `after`: seconds until another is asked.

    Raises as the first attempt does, where the second is no better.
    """
    parts, race = way.parts, _Race(way, exchange, first, candidates)
    race.enter(first, way.opened(exchange, first, sent))
    try:
        if not await race.is_decided(after) and (name := candidates.beside(first.target)) is not None:
            second = Attempt(parts, exchange, parts.targets[exchange.route.name][name], "hedge")
            race.enter(second, _asked(way, exchange, second))
        return await race.winner()
    finally:
        race.over()


async def _asked(way: Way, exchange: Exchange, attempt: Attempt) -> Opened:
    return await way.opened(exchange, attempt, await way.begun(exchange, attempt))


class _Race:
    """Of one attempt, or of two."""

    def __init__(self, way: Way, exchange: Exchange, first: Attempt, candidates: Candidates) -> None:
        self._parts = way.parts
        self._exchange = exchange
        self._first = first
        self._candidates = candidates
        self._runs: dict[asyncio.Task[Opened], Attempt] = {}
        self._error: BaseException | None = None
        self._winner: Attempt | None = None

    def enter(self, attempt: Attempt, work: Coroutine[Any, Any, Opened]) -> None:
        self._runs[self._parts.background.start(work)] = attempt

    async def is_decided(self, after: float) -> bool:
        done, _ = await asyncio.wait(self._runs, timeout=after)
        return bool(done)

    async def winner(self) -> Opened:
        """Raises what the first attempt raises, where nobody has an answer."""
        while self._runs:
            await asyncio.wait(self._runs, return_when=asyncio.FIRST_COMPLETED)
            opened = self._arrived()
            if opened is not None:
                return opened
        if self._error is None:
            raise AssertionError("a race that nobody runs")
        raise self._error

    def _arrived(self) -> Opened | None:
        """The answer of one who is there, the first one before the second. Those who failed are out."""
        task: asyncio.Task[Opened] | None = None
        error: BaseException | None = None
        try:
            for task, attempt in tuple(self._runs.items()):
                if task.done():
                    del self._runs[task]
                    error = task.exception()
                    if error is None:
                        self._win(attempt)
                        return task.result()
                    self._failed(attempt, error)
            return None
        finally:
            task = error = None  # else they and this frame hold each other

    def over(self) -> None:
        """Whoever is still under way is cut off, and its books are closed at once: the receipt counts them."""
        self._error = None  # its traceback holds us
        for task, attempt in self._runs.items():
            with suppress(JournalUnavailable):  # counted; the other one is answered all the same
                self._end(task, attempt)
            if self._winner is not None:
                self._exchange.besides += (attempt,)
        self._runs.clear()

    def _win(self, attempt: Attempt) -> None:
        self._winner = attempt
        if attempt is self._first:
            if self._runs:
                self._count("lost")
            return
        self._count("won")
        attempt.takes_over()
        if self._runs:
            self._first.was_slow(attempt.target)

    def _failed(self, attempt: Attempt, error: BaseException) -> None:
        if attempt is self._first and not isinstance(error, RequestRefused):
            self._error = error
        elif attempt is not self._first and isinstance(error, _EXPECTED):
            self._count("failed")
            if isinstance(error, UpstreamFailed | TooManyRequests):  # it was asked
                self._candidates.failed_beside(attempt.target)
        else:  # what the other would say too, or a fault of ours
            try:
                raise error
            finally:
                del error

    def _end(self, task: asyncio.Task[Opened], attempt: Attempt) -> None:
        if self._winner is not None and attempt.is_open:
            attempt.set_aside("hedge")
        if not task.done():
            task.cancel()
            if attempt.is_open:
                attempt.abandoned()
        elif not task.cancelled() and task.exception() is None:
            self._discard(task.result())

    def _discard(self, opened: Opened) -> None:
        if opened.stream is not None:
            opened.stream.discard()
        elif opened.attempt.is_open:
            opened.attempt.settle("ok", usage_in(opened.said, self._exchange))

    def _count(self, result: str) -> None:
        self._parts.metrics.hedged(self._exchange.route.name, result)
