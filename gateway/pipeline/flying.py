"""Single flight on the way of a request: the same question, asked again while its answer is on the way, shares that
answer.

Who asks first leads: its call is made in a task of its own, which ends with its client only where nobody else waits.
The others are authenticated, counted, audited and written down like any hit of the cache, and cost nothing.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from gateway.accounting.record import Declined
from gateway.accounting.usage import Usage
from gateway.cache.entry import Entry
from gateway.cache.flight import Begun, Ending, Flight, Rider, Turn
from gateway.cache.flights import Flights
from gateway.cache.wireless import Look
from gateway.masking.stream import RestoredStream
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.books import write_down
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.hit import admit_hit, fill_in, intent_of_hit
from gateway.pipeline.live import LiveStream
from gateway.pipeline.parts import Parts
from gateway.pipeline.recall import NotForThis, Recall, entry_of
from gateway.pipeline.shared_stream import LedStream, RiddenStream
from gateway.pipeline.waiting import AnnouncedStream, patiently
from gateway.wire.errors import GatewayError
from gateway.wire.http import STREAMED, Reply

Ask = Callable[[Exchange], Awaitable[Reply]]
"""Decides, and makes the attempts."""


class _LeadError(Exception):
    """It is this one's turn."""


class _AloneError(Exception):
    """There is nothing to be shared."""


class _AgainError(Exception):
    """Who was waited for is gone."""


_UNCOUNTED: Final = Usage(0, 0, estimated=True)
_MOST_LOOKS: Final = 4  # for somebody to wait for, before one asks for oneself


class Flying:
    """Of one configuration."""

    __slots__ = ("_ask", "_flights", "_parts", "_recall")

    def __init__(self, parts: Parts, flights: Flights, recall: Recall, ask: Ask) -> None:
        self._parts = parts
        self._flights = flights
        self._recall = recall
        self._ask = ask

    async def fly(self, exchange: Exchange) -> Reply:
        """What `ask` gives, or what it gives to another who asks the same. Raises what `ask` does."""
        key = exchange.cache_key
        if key is None or not exchange.directives.shares:
            return await self._ask(exchange)
        for _ in range(_MOST_LOOKS):
            try:
                return await self._shared_or_own(key, exchange)
            except _AgainError:
                reply = await self._recall.look_up(exchange)
                if reply is not None:
                    return reply
        return await self._ask(exchange)

    def decided(self, exchange: Exchange) -> None:
        """What is sensitive is not shared between keys, however the same they ask, and not between workers."""
        flight, decision = exchange.flight, exchange.decision
        if flight is None or decision is None:
            return
        if not decision.findings and decision.clearance.is_any:
            flight.travels = True
        elif self._parts.cache_plans[exchange.route.name].is_shared:
            self._flights.dissolve(flight)
        else:
            self._flights.keep_here(flight)

    def give_back(self, look: Look, exchange: Exchange) -> None:
        """Its answer is out, or it gets none. A turn that it has not used is for others."""
        if self._parts.formation is not None and exchange.cache_key is not None:
            self._parts.formation.give_back(exchange.cache_key, look)

    async def _shared_or_own(self, key: str, exchange: Exchange) -> Reply:
        """Raises `_AgainError` where the one that was waited for is gone."""
        flight = self._flights.get(key)
        if flight is None:
            flight = await self._elsewhere(key, exchange)
        if flight is None:
            flight = self._flights.begin(key)
            if self._parts.formation is not None and exchange.look is not None:
                self._parts.formation.lead(flight, exchange.look)
            return await self._lead(flight, exchange)
        rider = self._flights.board(flight, streams=exchange.call.streamed)
        if rider is None:
            return await self._ask(exchange)
        if flight.holder and self._parts.formation is not None:
            self._parts.formation.joined(flight, streams=exchange.call.streamed)
        try:
            return await self._wait(rider, exchange)
        except _LeadError:
            flight = rider.lead()
        except _AloneError:
            flight = None
        return await (self._ask(exchange) if flight is None else self._lead(flight, exchange))

    async def _elsewhere(self, key: str, exchange: Exchange) -> Flight | None:
        """Where another worker leads; or one here, that has begun meanwhile."""
        formation, look = self._parts.formation, exchange.look
        if formation is None or look is None:
            return None
        taken = await look.turn()
        flight = self._flights.get(key)
        if flight is None and taken is not None and not formation.is_mine(taken):
            return formation.follow(key, look, taken)
        return flight

    # The one that leads.

    async def _lead(self, flight: Flight, exchange: Exchange) -> Reply:
        exchange.flight = flight
        flight.leader = exchange.receipt
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        work = self._parts.background.start(self._led(flight, exchange, done))
        flight.empty = partial(_unneeded, exchange, work)
        try:
            await done
        except asyncio.CancelledError:
            work.add_done_callback(_unread)
            if work.done():
                _closed(work)
            elif flight.riders:
                self._leave(exchange)
            else:
                work.cancel()
                await asyncio.wait({work})  # the books are closed before the client's place is given up
            raise
        try:
            return work.result()
        finally:
            del work  # a traceback holds this frame: nothing would free it but the collector

    async def _led(self, flight: Flight, exchange: Exchange, done: asyncio.Future[None]) -> Reply:
        """The call that is shared."""
        ending: Ending | None = None
        shared: LedStream | None = None
        try:
            reply = await self._ask(exchange)
            shared, ending = self._shared(flight, exchange, reply), Ending()
        except GatewayError as error:
            ending = Ending(error=error)
            raise
        finally:
            if shared is None:
                flight.forget()
                self._over(flight, exchange, ending)
            ending = None
            if not done.done():
                done.set_result(None)
        if exchange.is_left and (stream := shared or reply.stream) is not None:
            stream.close()
        return reply

    def _shared(self, flight: Flight, exchange: Exchange, reply: Reply) -> LedStream | None:
        """What comes of the answer while others may share it; None where it is whole."""
        holder: Reply | AnnouncedStream | RestoredStream = reply
        while isinstance(holder.stream, AnnouncedStream | RestoredStream):
            holder = holder.stream
        live = holder.stream
        if not isinstance(live, LiveStream) or self._flights.get(flight.key) is not flight:
            return None
        shared = LedStream(
            self._parts,
            flight,
            live,
            lambda: self._begun(exchange, live.attempt),
            lambda: self._leave(exchange),
            lambda ending: self._over(flight, exchange, ending),
        )
        holder.stream = shared
        shared.begin()
        return shared

    def _begun(self, exchange: Exchange, attempt: Attempt) -> Begun:
        masked = self._recall.mark(exchange, attempt.masking)
        preview = entry_of(exchange, attempt, self._parts.clocks.wall(), b"", _UNCOUNTED, masked)
        return Begun(preview, exchange.call.wants_usage)

    def _leave(self, exchange: Exchange) -> None:
        """Its client has gone, and the call goes on for others: the gateway does not end before it."""
        if not exchange.is_left:
            exchange.is_left = True
            self._parts.occupancy.enter()

    def _over(self, flight: Flight, exchange: Exchange, ending: Ending | None) -> None:
        """Nothing more comes of the call. `None`: it was given up, its client is gone."""
        if ending is None:
            self._flights.failed(flight, None)
        elif ending.error is not None:
            self._flights.failed(flight, ending.error)
        elif flight.entry is None:
            self._flights.dissolve(flight)
        if exchange.is_left:
            self._parts.occupancy.leave()
            if exchange.tab is not None:
                exchange.tab.over()

    # Those that wait for it.

    async def _wait(self, rider: Rider, exchange: Exchange) -> Reply:
        """Raises `_LeadError`, `_AloneError`, and what one who led was told, where that holds for all."""
        call, keep_alive = exchange.call, self._parts.keep_alive
        following = self._follow(rider, exchange)
        try:
            if call.streamed and call.line is not None and keep_alive.seconds:
                return await patiently(self._parts, exchange, call.line, following, lambda: _zone(rider))
            return await following
        except _LeadError:
            raise
        except BaseException:
            self._flights.leave(rider)
            raise

    async def _follow(self, rider: Rider, exchange: Exchange) -> Reply:
        word = await rider.told()
        if word is Turn.LEAD:
            raise _LeadError
        try:
            if word is Turn.BEGUN:
                return await self._read_along(rider, exchange)
            if isinstance(word, Entry):
                self._recall.refuse_purged(word)
                similarity = rider.flight.similarity
                age = 0.0 if similarity is None else self._recall.age(exchange, word)
                exchange.receipt.similarity = similarity
                reply = await self._recall.give(exchange, word, age)
                self._flights.leave(rider)
                return reply
        except NotForThis:
            raise _AloneError from None
        if word is Turn.AGAIN:
            raise _AgainError
        if isinstance(word, GatewayError):
            self._decline(rider.flight, exchange)
            raise copy.copy(word)  # with a receipt and a traceback of its own
        raise _AloneError

    async def _read_along(self, rider: Rider, exchange: Exchange) -> Reply:
        begun = rider.flight.begun
        if begun is None:
            raise _AloneError
        self._recall.refuse_purged(begun.preview)
        masking = await self._recall.masking(exchange, begun.preview)
        if exchange.tab is not None:
            await admit_hit(self._parts, exchange, exchange.tab, begun.preview)
        fill_in(exchange, begun.preview, 0.0, masking)
        stream = RiddenStream(self._parts, self._flights, rider, begun, exchange)
        shown = stream if masking is None else RestoredStream(stream, masking)
        return Reply(200, [*STREAMED, *exchange.receipt.headers()], stream=shown)

    def _decline(self, flight: Flight, exchange: Exchange) -> None:
        """Nothing was sent for this one."""
        clearance = exchange.narrowed if flight.leader is None else flight.leader.clearance
        nobody = Entry(b"", 0.0, "", "", "", str(clearance), 0, 0)
        write_down(self._parts, Declined(intent_of_hit(self._parts, exchange, nobody), "no_deployment"))


def _zone(rider: Rider) -> str:
    leader = rider.flight.leader
    return "" if leader is None else leader.zone


def _unneeded(exchange: Exchange, work: asyncio.Task[Reply]) -> None:
    """The last that waited has gone, and nothing of an answer is there."""
    if exchange.is_left:
        work.cancel()


def _unread(work: asyncio.Task[Reply]) -> None:
    """The client is not there to be told of a failure, and those who wait have been."""
    if not work.cancelled() and (error := work.exception()) is not None and not isinstance(error, GatewayError):
        raise error


def _closed(work: asyncio.Task[Reply]) -> None:
    """The client left at the moment when its answer came."""
    if not work.cancelled() and work.exception() is None and (stream := work.result().stream) is not None:
        stream.close()
