"""Telling: what a worker that leads tells the others about the answer, as it comes.

Only what may be anywhere is told: an answer to a question in which nothing was found, and whose clearance is the
widest.
"""

from __future__ import annotations

import asyncio

import orjson

from gateway.cache.entry import Entry
from gateway.cache.flight import Flight, Rider, Turn
from gateway.cache.flight_message import Begin, End, Join, Landed, Message, Over, Piece, Wait, told
from gateway.cache.flights import Flights
from gateway.cache.wireless import Wireless
from gateway.wire.errors import GatewayError
from router.clearance import Clearance


class _Told:
    """One worker that is told of one flight."""

    __slots__ = ("streams", "tasks")

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.streams = False  # pieces too


class Telling:
    """Of one worker."""

    def __init__(self, flights: Flights, wireless: Wireless) -> None:
        self._flights = flights
        self._wireless = wireless
        self._joined: dict[tuple[str, str], _Told] = {}  # by key and who is told

    def asked(self, join: Join) -> None:
        """Somebody there waits: it is told what comes, and until then that something will."""
        key, to = join.key, join.sender
        flight, telling = self._flights.get(key), self._joined.get((key, to))
        if telling is None or join.streams > telling.streams:
            if flight is None or flight.holder:
                self._say(to, Over(self._wireless.who, key, "gone"))
                return
            stays = flight.travels is False
            rider = None if stays else self._flights.board(flight, streams=join.streams, is_away=True)
            if rider is None:
                self._say(to, Over(self._wireless.who, key, "alone"))
                return
            if telling is None:
                telling = self._joined[key, to] = _Told()
            telling.streams = join.streams
            task = self._wireless.start(self._tell(rider, to))
            telling.tasks.add(task)
            task.add_done_callback(lambda task: self._told(join, task))
        leader = None if flight is None else flight.leader
        zone, clearance = ("", "") if leader is None else (leader.zone, str(leader.clearance))
        self._say(to, Wait(self._wireless.who, key, zone, clearance))

    def left(self, key: str, sender: str) -> None:
        """Nobody waits there any more."""
        telling = self._joined.get((key, sender))
        for task in () if telling is None else tuple(telling.tasks):
            task.cancel()

    async def close(self) -> None:
        """Who is told is told that nothing more comes, and looks again."""
        joined, self._joined = self._joined, {}
        for (key, to), telling in joined.items():
            for task in telling.tasks:
                task.cancel()
            await self._wireless.send(to, Over(self._wireless.who, key, "gone"))

    def _say(self, to: str, message: Message) -> None:
        self._wireless.start(self._wireless.send(to, message))

    def _told(self, join: Join, task: asyncio.Task[None]) -> None:
        telling = self._joined.get((join.key, join.sender))
        if telling is not None:
            telling.tasks.discard(task)
            if not telling.tasks:
                del self._joined[join.key, join.sender]

    async def _tell(self, rider: Rider, to: str) -> None:
        """All that comes of the answer, as fast as Redis takes it."""
        who, key = self._wireless.who, rider.flight.key
        try:
            word = await rider.told()
            if word is Turn.BEGUN and _may_travel(rider.flight):
                await self._tell_pieces(rider, to)
            elif isinstance(word, Entry) and _may_travel(rider.flight):
                await self._wireless.send(to, Landed(who, key, word.encode(), rider.flight.similarity))
            elif isinstance(word, GatewayError) and rider.flight.travels:  # it may quote the question
                await self._wireless.send(to, Over(who, key, "failed", told(word)))
            elif isinstance(word, Turn) and word is not Turn.ALONE and word is not Turn.BEGUN:
                await self._wireless.send(to, Over(who, key, "gone"))
            else:
                await self._wireless.send(to, Over(who, key, "alone"))
        finally:
            self._flights.leave(rider)

    async def _tell_pieces(self, rider: Rider, to: str) -> None:
        who, flight = self._wireless.who, rider.flight
        key, number, begun, size = flight.key, flight.number, flight.begun, 0
        if begun is None:
            return
        went = await self._wireless.insist(to, Begin(who, key, number, begun.preview.encode(), begun.wants_usage))
        while went:
            data = await rider.read()
            if data:
                went = await self._wireless.insist(to, Piece(who, key, number, size, data))
                size += len(data)
            if rider.ended:
                break
        ending = flight.ending
        if not went or rider.lags or ending is None:
            await self._wireless.send(to, Over(who, key, "gone"))
            return
        usage = None if ending.usage is None else orjson.dumps(ending.usage)
        entry = None if flight.entry is None else flight.entry.encode()
        error = None if ending.error is None else told(ending.error)
        await self._wireless.insist(to, End(who, key, number, size, ending.held, usage, entry, error))


def _may_travel(flight: Flight) -> bool:
    """Whether other workers may be told: the last look before anything is."""
    said = flight.entry or (flight.begun and flight.begun.preview)
    if not flight.travels or said is None:
        return False
    try:
        return Clearance.parse(said.clearance).is_any and not said.masked
    except ValueError:
        return False
