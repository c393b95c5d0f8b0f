"""Workers that share a Redis, but for the Redis: leases and inboxes in one dictionary each. What is sent is there at
once, or when the test hands it over."""

from __future__ import annotations

from collections.abc import Callable

from gateway.cache.flight import Flight, Rider
from gateway.cache.flight_message import Message, decoded, encoded
from gateway.cache.flights import Flights
from gateway.cache.formation import Formation
from gateway.stores.leases import LEASE, Taken

KEY = "k"
NAME = "exact:k"


class Air:
    """`held` are messages on their way where `holds`; else there are none."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.lease = LEASE  # seconds that one has left
        self.holders: dict[str, str] = {}
        self.takers: dict[str, Callable[[bytes], None]] = {}
        self.sent: list[Message] = []
        self.holds = False
        self.held: list[tuple[str, bytes]] = []

    def deliver(self) -> None:
        held, self.held = self.held, []
        for to, data in held:
            self.takers[to](data)


class Leases:
    def __init__(self, air: Air, who: str) -> None:
        self._air = air
        self.who = who

    async def look_up(self, name: str, *, value: bool = True) -> bytes | Taken | None:
        if value and name in self._air.kept:
            return self._air.kept[name]
        return Taken(self._air.holders.setdefault(name, self.who), self._air.lease)

    def renew(self, names: list[str]) -> None:
        """They last until they are given back."""

    def release(self, name: str) -> None:
        if self._air.holders.get(name) == self.who:
            del self._air.holders[name]


class Post:
    def __init__(self, air: Air, who: str, take: Callable[[bytes], None]) -> None:
        self._air = air
        air.takers[who] = take

    def open(self) -> None:
        """It is."""

    async def send(self, to: str, message: bytes) -> bool:
        told = decoded(message)
        assert told is not None
        self._air.sent.append(told)
        if to not in self._air.takers:
            return False
        if self._air.holds:
            self._air.held.append((to, message))
        else:
            self._air.takers[to](message)
        return True

    async def close(self) -> None:
        """Nothing is open."""


class Station:
    def __init__(self, air: Air, who: str) -> None:
        self.who = who
        self.flights = Flights(lambda _: None)
        self.formation = Formation(self.flights, Leases(air, who), lambda take: Post(air, who, take))

    async def leads(self) -> Flight:
        look = self.formation.look()
        assert await look.read(NAME) is None
        flight = self.flights.begin(KEY)
        flight.travels = True
        self.formation.lead(flight, look)
        return flight

    async def follows(self, *, streams: bool) -> Rider:
        flight = self.flights.get(KEY)
        if flight is None:
            look = self.formation.look()
            assert await look.read(NAME) is None
            assert look.taken is not None
            assert not self.formation.is_mine(look.taken)
            flight = self.formation.follow(KEY, look, look.taken)
        rider = self.flights.board(flight, streams=streams)
        assert rider is not None
        self.formation.joined(flight, streams=streams)
        return rider

    def hears(self, air: Air, message: Message) -> None:
        air.takers[self.who](encoded(message))
