"""Formation: flights of several workers and replicas. One of them leads, and tells the others what comes.

look-up ─► lease taken here ─► leads                         ┌► tells: begin, pieces, end; or landed; or over
       └─► lease taken there ─► joins ──(its inbox)──► there ─┘

What is told goes through Redis, so only what may be anywhere is: an answer to a question in which nothing was found,
and whose clearance is the widest. For all others each worker flies alone. A leader that dies loses its lease, and who
waited for it looks again. Where Redis is away, each worker flies alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple, Protocol

import orjson

from gateway.cache.entry import Entry
from gateway.cache.flight import Begun, Ending, Flight, Flights, Rider, Turn
from gateway.cache.flight_message import (
    Begin,
    End,
    Join,
    Landed,
    Leave,
    Message,
    Over,
    Piece,
    Wait,
    decoded,
    encoded,
    heard,
    told,
)
from gateway.stores.leases import LEASE, Taken
from gateway.wire.errors import GatewayError
from router.clearance import Clearance

_RENEWED: Final = LEASE / 3  # seconds between two renewals
_MOST_UNHEARD: Final = 1  # times that a leader is asked and says nothing, before nobody waits for it any more


class Leases(Protocol):
    """As `RedisLeases`."""

    @property
    def who(self) -> str: ...

    async def look_up(self, name: str, *, value: bool = True) -> bytes | Taken | None: ...

    def renew(self, names: list[str]) -> None: ...

    def release(self, name: str) -> None: ...

    async def close(self) -> None: ...


class Post(Protocol):
    """As `Inbox`."""

    def open(self) -> None: ...

    async def send(self, to: str, message: bytes) -> bool: ...

    async def close(self) -> None: ...


class Look:
    """One look for an answer, and for the turn to ask for it where there is none."""

    __slots__ = ("_leases", "name", "taken")

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.name = ""  # of the entry
        self.taken: Taken | None = None  # None: nobody has it, as far as is known

    async def read(self, name: str) -> bytes | None:
        """What is kept under that name; where there is nothing, it is known afterwards whose turn it is."""
        self.name = name
        found = await self._leases.look_up(name)
        if isinstance(found, bytes):
            return found
        self.taken = found
        return None

    async def turn(self) -> Taken | None:
        """Whose turn it is, where what is kept was of no use."""
        if self.taken is None and self.name:
            found = await self._leases.look_up(self.name, value=False)
            self.taken = found if isinstance(found, Taken) else None
        return self.taken


class _There(NamedTuple):
    """A `Leader` at another worker."""

    zone: str
    clearance: str


class _Telling:
    """One worker that is told of one flight."""

    __slots__ = ("streams", "tasks")

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.streams = False  # pieces too


class _Waited:
    """A flight that another worker leads."""

    __slots__ = ("asked", "due", "flight", "name", "number", "streams", "unheard")

    def __init__(self, flight: Flight, name: str) -> None:
        self.flight = flight
        self.name = name  # of the entry
        self.asked = False  # it was joined
        self.streams = False  # with pieces
        self.number = 0  # of the next piece
        self.unheard = 0  # looks since the leader said anything
        self.due: asyncio.TimerHandle | None = None  # when the lease may be over


class Formation:
    """Of one worker and one event loop. `post(take)` makes its inbox."""

    def __init__(self, flights: Flights, leases: Leases, post: Callable[[Callable[[bytes], None]], Post]) -> None:
        self._flights = flights
        self._leases = leases
        self._post = post(self._take)
        self._waited: dict[str, _Waited] = {}  # by key
        self._joined: dict[tuple[str, str], _Telling] = {}  # by key and who is told
        self._tasks: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.TimerHandle | None = None
        flights.landed = self._landed

    def look(self) -> Look:
        self._post.open()
        return Look(self._leases)

    def lead(self, flight: Flight, look: Look) -> None:
        """The caller leads; it has the lease, if anybody has."""
        if look.taken is None:
            return
        flight.lease = look.name
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().call_later(_RENEWED, self._renew)

    def is_mine(self, taken: Taken | None) -> bool:
        return taken is None or taken.holder == self._leases.who

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
        self._start(self._join(waited))

    async def close(self) -> None:
        for waited in self._waited.values():
            if waited.due is not None:
                waited.due.cancel()
        if self._renewing is not None:
            self._renewing.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._post.close()
        await self._leases.close()

    # The one that leads.

    def _renew(self) -> None:
        names = [flight.lease for flight in self._flights if flight.lease]
        self._renewing = None
        if names:
            self._leases.renew(names)
            self._renewing = asyncio.get_running_loop().call_later(_RENEWED, self._renew)

    def _landed(self, flight: Flight) -> None:
        if flight.lease:
            self._leases.release(flight.lease)
            flight.lease = ""

    def _asked_to_tell(self, join: Join) -> None:
        flight, telling = self._flights.get(join.key), self._joined.get((join.key, join.sender))
        if flight is None or flight.holder:
            self._start(self._send(join.sender, Over(self._leases.who, join.key, "gone")))
            return
        if telling is None or join.streams > telling.streams:
            rider = self._flights.board(flight, streams=join.streams, is_away=True)
            if rider is None:
                self._start(self._send(join.sender, Over(self._leases.who, join.key, "alone")))
                return
            if telling is None:
                telling = self._joined[join.key, join.sender] = _Telling()
            telling.streams = join.streams
            task = self._start(self._tell(rider, join.sender))
            telling.tasks.add(task)
            task.add_done_callback(lambda task: self._told(join, task))
        leader = flight.leader
        zone, clearance = ("", "") if leader is None else (leader.zone, str(leader.clearance))
        self._start(self._send(join.sender, Wait(self._leases.who, join.key, zone, clearance)))

    def _told(self, join: Join, task: asyncio.Task[None]) -> None:
        telling = self._joined.get((join.key, join.sender))
        if telling is not None:
            telling.tasks.discard(task)
            if not telling.tasks:
                del self._joined[join.key, join.sender]

    async def _tell(self, rider: Rider, to: str) -> None:
        """All that comes of the answer, as fast as Redis takes it."""
        who, key = self._leases.who, rider.flight.key
        try:
            word = await rider.told()
            if word is Turn.BEGUN and _may_travel(rider.flight):
                await self._tell_pieces(rider, to)
            elif isinstance(word, Entry) and _may_travel(rider.flight):
                await self._send(to, Landed(who, key, word.encode()))
            elif isinstance(word, GatewayError):
                await self._send(to, Over(who, key, "failed", told(word)))
            elif isinstance(word, Turn) and word is not Turn.ALONE and word is not Turn.BEGUN:
                await self._send(to, Over(who, key, "gone"))
            else:
                await self._send(to, Over(who, key, "alone"))
        finally:
            self._flights.leave(rider)

    async def _tell_pieces(self, rider: Rider, to: str) -> None:
        who, flight = self._leases.who, rider.flight
        key, begun, number = flight.key, flight.begun, 0
        if begun is None or not await self._send(to, Begin(who, key, begun.preview.encode(), begun.wants_usage)):
            return
        while True:
            data = await rider.read()
            if data:
                if not await self._send(to, Piece(who, key, number, data)):
                    return
                number += 1
            if rider.ended:
                break
        ending = flight.ending
        if rider.lags or ending is None:
            return
        usage = None if ending.usage is None else orjson.dumps(ending.usage)
        entry = None if flight.entry is None else flight.entry.encode()
        error = None if ending.error is None else told(ending.error)
        await self._send(to, End(who, key, number, ending.held, usage, entry, error))

    # Those that wait for another worker.

    async def _join(self, waited: _Waited) -> None:
        flight = waited.flight
        await self._send(flight.holder, Join(self._leases.who, flight.key, waited.streams))

    def _leave(self, waited: _Waited) -> None:
        """Nobody here waits any more."""
        flight = waited.flight
        self._forget(waited)
        self._flights.over(flight)
        self._start(self._send(flight.holder, Leave(self._leases.who, flight.key)))

    def _forget(self, waited: _Waited) -> None:
        if waited.due is not None:
            waited.due.cancel()
        if self._waited.get(waited.flight.key) is waited:
            del self._waited[waited.flight.key]

    def _watch(self, waited: _Waited, seconds: float) -> None:
        """Looks again when the lease is over, unless it was renewed."""
        seconds = min(max(seconds, _RENEWED / 4), LEASE)
        waited.due = asyncio.get_running_loop().call_later(seconds, lambda: self._start(self._look_again(waited)))

    async def _look_again(self, waited: _Waited) -> None:
        flight = waited.flight
        found = await self._leases.look_up(waited.name)
        if self._waited.get(flight.key) is not waited:
            return
        if not isinstance(found, Taken) or found.holder != flight.holder:
            self._lost(waited)
        elif waited.unheard > _MOST_UNHEARD:  # it is there, and does not hear
            self._alone(waited)
        else:
            waited.unheard += 1
            self._watch(waited, found.seconds)
            await self._join(waited)

    def _hear(self, message: Wait | Begin | Piece | End | Landed | Over) -> None:
        waited = self._waited.get(message.key)
        if waited is None or waited.flight.holder != message.sender:
            return
        waited.unheard = 0
        flight = waited.flight
        match message:
            case Wait(zone=zone, clearance=clearance):
                flight.leader = _There(zone, clearance)
            case Begin(preview=preview, wants_usage=wants_usage):
                entry = Entry.decode(preview)
                if entry is not None and flight.begun is None:
                    flight.begin(Begun(entry, wants_usage))
            case Piece(number=number, data=data):
                if number == waited.number and flight.begun is not None:
                    waited.number += 1
                    flight.add(data)
                elif number > waited.number:
                    self._lost(waited)
            case End():
                self._hear_end(waited, message)
            case Landed(entry=data):
                self._land(waited, data)
            case Over(why="gone"):
                self._lost(waited)
            case Over(why="alone"):
                self._alone(waited)
            case Over(error=error):
                self._forget(waited)
                self._flights.give_up(flight, heard(error or told(GatewayError(""))))

    def _hear_end(self, waited: _Waited, end: End) -> None:
        flight = waited.flight
        if end.number != waited.number:
            self._lost(waited)
            return
        if end.entry is not None and (entry := Entry.decode(end.entry)) is not None:
            flight.land(entry)
        error = None if end.error is None else heard(end.error)
        self._forget(waited)
        flight.end_with(Ending(end.held, None if end.usage is None else orjson.loads(end.usage), error))
        if error is not None:
            self._flights.again(flight)
        else:
            self._flights.dissolve(flight)

    def _land(self, waited: _Waited, data: bytes) -> None:
        entry = Entry.decode(data)
        if entry is None:
            self._lost(waited)
            return
        waited.flight.land(entry)
        if waited.flight.begun is None:  # else the end comes with the pieces
            self._forget(waited)
            self._flights.over(waited.flight)

    def _alone(self, waited: _Waited) -> None:
        """This worker flies for itself: of those who wait here one asks."""
        self._forget(waited)
        self._flights.failed(waited.flight, None)

    def _lost(self, waited: _Waited) -> None:
        self._forget(waited)
        self._flights.again(waited.flight)

    # Both.

    def _take(self, data: bytes) -> None:
        message = decoded(data)
        match message:
            case None:
                return
            case Join():
                self._asked_to_tell(message)
            case Leave(sender=sender, key=key):
                telling = self._joined.get((key, sender))
                for task in () if telling is None else tuple(telling.tasks):
                    task.cancel()
            case _:
                self._hear(message)

    async def _send(self, to: str, message: Message) -> bool:
        return await self._post.send(to, encoded(message))

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _may_travel(flight: Flight) -> bool:
    """Whether other workers may be told: the last look before anything is."""
    said = flight.entry or (flight.begun and flight.begun.preview)
    if not flight.travels or said is None:
        return False
    try:
        return Clearance.parse(said.clearance).is_any and not said.masked
    except ValueError:
        return False
