"""Shared streams: one live stream, and all who read it.

As long as its leader is alone it pulls the stream itself, and nothing is kept that is not kept anyway. From the first
other on a pump pulls it for all, so that no client, whether slow or gone, holds up another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from gateway.accounting.fault import JournalUnavailable
from gateway.cache.flight import Begun, Ending, Flight, Rider
from gateway.cache.flights import Flights
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import settle_hit
from gateway.pipeline.live import LiveStream
from gateway.pipeline.parts import Parts
from gateway.wire.chat_stream import ChatStream, GarbledStream, closing, cut_frame
from gateway.wire.errors import GatewayError, InternalError, Unavailable

_LAGGED = "The answer was read too slowly: others shared it, and what was not read in time is gone."


class LedStream:
    """The `ByteStream` of the one that leads. `begun` says what others are to know first; `left` is called where it
    goes on without the leader; `over` once, when nothing more comes of the stream itself, which is closed by then, with
    how it ended; None: it was given up.
    """

    __slots__ = (
        *("_begun", "_flight", "_is_over", "_is_pulling", "_left", "_live", "_over", "_parts", "_pump", "_rider"),
        *("ended", "is_left"),
    )

    def __init__(
        self,
        parts: Parts,
        flight: Flight,
        live: LiveStream,
        begun: Callable[[], Begun],
        left: Callable[[], None],
        over: Callable[[Ending | None], None],
    ) -> None:
        self._parts = parts
        self._flight = flight
        self._live = live
        self._begun = begun
        self._left = left
        self._over = over
        self._is_over = False  # nothing more comes of it
        self._is_pulling = False  # the leader itself
        self._pump: asyncio.Task[None] | None = None
        self._rider: Rider | None = None  # the leader, where there is a pump
        self.ended = False
        self.is_left = False  # by the leader

    def begin(self) -> None:
        """Once it is primed."""
        flight = self._flight
        flight.boarded, flight.empty = self._boarded, self._empty
        if flight.is_shared:
            self._start(read=0)
            flight.begin(self._begun())

    async def next(self) -> bytes:
        if self.ended:
            return b""
        if self._rider is None:
            return await self._pull()
        data = await self._rider.read()
        return data + self._tail(self._rider) if self._rider.ended else data

    def broken_off(self, error: GatewayError) -> bytes:
        return self._live.broken_off(error)

    def close(self) -> None:
        """By its leader. What others still read is read on."""
        if self.is_left:
            return
        self.is_left = True
        if self._rider is not None:
            self._flight.riders.pop(self._rider, None)
        if not self._flight.riders:
            self._stop()
        elif not self._live.ended:
            self._left()

    async def _pull(self) -> bytes:
        """The leader's own, as long as nobody else is there."""
        flight, live = self._flight, self._live
        self._is_pulling = True
        out = b""
        try:
            out = await live.part()
        finally:
            self._is_pulling = False
            if flight.is_shared:
                if out:
                    flight.add(out)
                self._start(read=flight.end)
        if live.ending is None:
            return out
        if not flight.is_shared:
            self._finish(live.ending)
        self.ended = True
        return out + live.tail(live.ending)

    def _boarded(self) -> bool:
        """The first of the others comes."""
        if self._live.ended:
            return False
        relayed = self._live.let_through()
        if relayed is None:
            return False
        if relayed:
            self._flight.add(relayed)
        if not self._is_pulling:
            self._start(read=self._flight.end)
        self._flight.begin(self._begun())
        return True

    def _start(self, read: int) -> None:
        """`read`: the pieces that the leader has already."""
        rider = Rider(self._flight, streams=True)
        rider.has_read, rider.at = True, read
        if not self.is_left:
            self._rider = rider
            self._flight.riders[rider] = None
        self._pump = self._parts.background.start(self._pumped())

    async def _pumped(self) -> None:
        flight, live = self._flight, self._live
        ending = Ending(error=InternalError("The gateway failed."))
        try:
            while not live.ended:
                piece = await live.part()
                if piece:
                    flight.add(piece)
            ending = live.ending or Ending()
        finally:  # after a fault of ours too: nobody waits for ever
            if not self._is_over:
                self._finish(ending)

    def _finish(self, ending: Ending) -> None:
        self._is_over = True
        self._live.close()
        self._flight.forget()
        self._flight.end_with(ending)
        self._over(ending)

    def _tail(self, rider: Rider) -> bytes:
        self.ended = True
        return cut_frame(Unavailable(_LAGGED)) if rider.lags else self._live.tail(self._flight.ending or Ending())

    def _empty(self) -> None:
        """The last of the others has gone."""
        if self.is_left:
            self._stop()

    def _stop(self) -> None:
        """Nobody reads it any more."""
        if self._is_over:
            return
        self._is_over = True
        if self._pump is not None:
            self._pump.cancel()
        self._live.close()
        self._flight.forget()
        self._over(None)


class RiddenStream:
    """The `ByteStream` of one that reads along. Written down before its end is let through, as any hit."""

    __slots__ = ("_begun", "_chat", "_exchange", "_flights", "_is_settled", "_parts", "_rider", "ended")

    def __init__(self, parts: Parts, flights: Flights, rider: Rider, begun: Begun, exchange: Exchange) -> None:
        call = exchange.call
        self._parts = parts
        self._flights = flights
        self._rider = rider
        self._begun = begun
        self._exchange = exchange
        self._chat: ChatStream | None = None  # where this client expects the usage in other places
        if call.wants_usage != begun.wants_usage:
            self._chat = ChatStream(choices=call.choices, wants_usage=call.wants_usage, keep=0)
        self._is_settled = False
        self.ended = False

    async def next(self) -> bytes:
        rider = self._rider
        while not self.ended:
            data = await rider.read()
            try:
                out = data if self._chat is None else self._chat.feed(data)
            except GarbledStream as garbled:
                return garbled.before + self._cut(Unavailable("The answer was cut off."))
            if rider.ended:
                return out + self._end()
            if out:
                return out
        return b""

    def broken_off(self, error: GatewayError) -> bytes:
        return cut_frame(error)

    def close(self) -> None:
        self._flights.leave(self._rider)
        if not self._is_settled:
            with suppress(JournalUnavailable):  # counted; nobody is there to be told
                self._settle(499)

    def _end(self) -> bytes:
        exchange, ending = self._exchange, self._rider.flight.ending
        if self._rider.lags or ending is None:
            return self._cut(Unavailable(_LAGGED))
        if ending.error is not None:
            return self._cut(ending.error)
        self.ended = True
        try:
            self._settle(200)
        except JournalUnavailable as error:  # what cannot be written down is not completed
            return cut_frame(error)
        usage, call = ending.usage, exchange.call
        if not call.wants_usage:
            usage = None
        elif usage is not None and call.wants_receipt:
            usage = {**usage, "tidegate": exchange.receipt.summary()}
        if self._chat is None:
            return ending.held + closing(usage)
        return self._chat.feed(ending.held) + self._chat.tail(usage)

    def _cut(self, error: GatewayError) -> bytes:
        self.ended = True
        with suppress(JournalUnavailable):  # counted; the client is told of the cut in any case
            self._settle(error.status)
        return cut_frame(error)

    def _settle(self, status: int) -> None:
        self._is_settled = True
        settle_hit(self._parts, self._exchange, self._rider.flight.entry or self._begun.preview, status=status)
