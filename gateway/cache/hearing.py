"""Hearing: what a worker does that waits for another one's answer.

It joins, hears pieces and the end, and looks again when the lease of the one that leads may be over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

from gateway.cache.entry import Entry
from gateway.cache.flight import Begun, Ending, Flight
from gateway.cache.flight_message import Begin, End, Join, Landed, Leave, Over, Piece, Wait, heard, told
from gateway.cache.flights import Flights
from gateway.cache.wireless import PAUSE, TRIES, Leases, Look, Wireless
from gateway.stores.leases import LEASE, Found, Taken
from gateway.wire.errors import GatewayError

_MOST_UNHEARD: Final = 1  # times that a leader is asked and says nothing, before nobody waits for it any more


class _There(NamedTuple):
    """A `Leader` at another worker."""

    zone: str
    clearance: str


class _Waited:
    """A flight that another worker leads."""

    __slots__ = ("asked", "blind", "due", "flight", "name", "number", "size", "streams", "unheard")

    def __init__(self, flight: Flight, name: str) -> None:
        self.flight = flight
        self.name = name  # of the entry
        self.asked = False  # it was joined
        self.streams = False  # with pieces
        self.number = 0  # of the flight there, once it has begun
        self.size = 0  # bytes of the stream so far
        self.unheard = 0  # looks since the leader said anything
        self.blind = 0  # looks since Redis said anything
        self.due: asyncio.TimerHandle | None = None  # when the lease may be over


class Hearing:
    """Of one worker."""

    def __init__(self, flights: Flights, leases: Leases, wireless: Wireless) -> None:
        self._flights = flights
        self._leases = leases
        self._wireless = wireless
        self._waited: dict[str, _Waited] = {}  # by key

    def follow(self, key: str, look: Look, taken: Taken) -> Flight:
        """Another worker leads."""
        flight = self._flights.begin(key)
        flight.holder = taken.holder
        waited = self._waited[key] = _Waited(flight, look.name)
        flight.empty = lambda: self._leave(waited)
        self._watch(waited, taken.seconds)
        return flight

    def joined(self, flight: Flight, *, streams: bool) -> None:
        """Somebody here has boarded what another worker leads."""
        waited = self._waited.get(flight.key)
        if waited is None or (waited.asked and (waited.streams or not streams)):
            return
        waited.asked, waited.streams = True, streams
        self._wireless.start(self._join(waited))

    def close(self) -> None:
        for waited in self._waited.values():
            if waited.due is not None:
                waited.due.cancel()

    async def _join(self, waited: _Waited) -> None:
        flight = waited.flight
        await self._wireless.send(flight.holder, Join(self._wireless.who, flight.key, waited.streams))

    def _leave(self, waited: _Waited) -> None:
        """Nobody here waits any more."""
        self._give_up(waited)
        self._flights.over(waited.flight)

    def _forget(self, waited: _Waited) -> None:
        if waited.due is not None:
            waited.due.cancel()
        if self._waited.get(waited.flight.key) is waited:
            del self._waited[waited.flight.key]

    def _end(self, waited: _Waited) -> None:
        """Nothing more comes: when those who still read leave, the leader need not know. By then it may tell of the
        same question, asked again."""
        self._forget(waited)
        waited.flight.forget()

    def _give_up(self, waited: _Waited) -> None:
        """Nothing more is of use: whoever leads is told at once."""
        self._end(waited)
        flight = waited.flight
        self._wireless.start(self._wireless.send(flight.holder, Leave(self._wireless.who, flight.key)))

    def _watch(self, waited: _Waited, seconds: float) -> None:
        """Looks again when the lease is over, unless it was renewed."""
        seconds = min(max(seconds, PAUSE), LEASE)
        waited.due = asyncio.get_running_loop().call_later(
            seconds, lambda: self._wireless.start(self._look_again(waited))
        )

    async def _look_again(self, waited: _Waited) -> None:
        flight = waited.flight
        found = await self._leases.look_up(waited.name)
        if self._waited.get(flight.key) is not waited:
            self._hand_back(waited, found)
            return
        if found is None and flight.begun is not None and waited.blind < TRIES:
            waited.blind += 1  # who has read something waits for Redis as long as for a leader
            self._watch(waited, PAUSE)
            return
        waited.blind = 0
        if not isinstance(found, Taken) or found.holder != flight.holder:
            is_wanted = bool(flight.waiting())
            self._lost(waited)
            if not is_wanted:
                self._hand_back(waited, found)
        elif waited.unheard > _MOST_UNHEARD:  # it is there, and does not hear
            self._alone(waited)
        else:
            waited.unheard += 1
            self._watch(waited, found.seconds)
            await self._join(waited)

    def _hand_back(self, waited: _Waited, found: Found) -> None:
        """By looking this worker may have got the turn; where nobody takes it, it is for others."""
        is_mine = isinstance(found, Taken) and found.holder == self._leases.who
        if is_mine and self._flights.get(waited.flight.key) is None:
            self._leases.release(waited.name)

    def hear(self, message: Wait | Begin | Piece | End | Landed | Over) -> None:
        waited = self._waited.get(message.key)
        if waited is None or waited.flight.holder != message.sender:
            return
        waited.unheard = 0
        flight = waited.flight
        match message:
            case Wait(zone=zone, clearance=clearance):
                flight.leader = _There(zone, clearance)
            case Begin():
                self._hear_begin(waited, message)
            case Piece():
                self._hear_piece(waited, message)
            case End():
                self._hear_end(waited, message)
            case Landed():
                self._land(waited, message)
            case Over(why="gone"):
                self._lost(waited)
            case Over(why="alone"):
                self._alone(waited)
            case Over(error=error):
                self._end(waited)
                self._flights.give_up(flight, heard(error or told(GatewayError(""))))

    def _hear_begin(self, waited: _Waited, begin: Begin) -> None:
        entry = Entry.decode(begin.preview)
        if entry is not None and waited.flight.begun is None:
            waited.number = begin.flight
            waited.flight.begin(Begun(entry, begin.wants_usage))

    def _hear_piece(self, waited: _Waited, piece: Piece) -> None:
        """What comes twice counts once."""
        if piece.flight != waited.number or waited.flight.begun is None:
            return
        if piece.start > waited.size:
            self._lost(waited)
        elif data := piece.data[waited.size - piece.start :]:
            waited.size += len(data)
            waited.flight.add(data)

    def _hear_end(self, waited: _Waited, end: End) -> None:
        flight = waited.flight
        if end.flight != waited.number or flight.begun is None:
            return
        if end.size != waited.size:
            self._lost(waited)
            return
        if end.entry is not None and (entry := Entry.decode(end.entry)) is not None:
            flight.land(entry)
        self._end(waited)
        flight.end_with(Ending(end.held, _usage(end.usage), None if end.error is None else heard(end.error)))
        if end.error is None:
            self._flights.dissolve(flight)
        else:
            self._flights.again(flight)

    def _land(self, waited: _Waited, landed: Landed) -> None:
        entry = Entry.decode(landed.entry)
        if entry is None:
            self._lost(waited)
            return
        waited.flight.similarity = landed.similarity
        waited.flight.land(entry)
        if waited.flight.begun is None:  # else the end comes with the pieces
            self._end(waited)
            self._flights.over(waited.flight)

    def _alone(self, waited: _Waited) -> None:
        """This worker flies for itself: of those who wait here one asks."""
        self._give_up(waited)
        self._flights.cut(waited.flight)
        self._flights.failed(waited.flight, None)

    def _lost(self, waited: _Waited) -> None:
        self._give_up(waited)
        self._flights.again(waited.flight)


def _usage(said: bytes | None) -> Mapping[str, object] | None:
    try:
        usage = None if said is None else orjson.loads(said)
    except orjson.JSONDecodeError:
        return None
    return usage if isinstance(usage, dict) else None
