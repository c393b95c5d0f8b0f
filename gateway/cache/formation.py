"""Formation: flights of several workers and replicas. One of them leads, and tells the others what comes.

look-up ─► lease taken here ─► leads                         ┌► tells: begin, pieces, end; or landed; or over
       └─► lease taken there ─► joins ──(its inbox)──► there ─┘

What is told goes through Redis, so only what may be anywhere is: for all else each worker flies alone (`telling.py`). A
leader that dies loses its lease, and who waited for it looks again (`hearing.py`). Where Redis is away, each worker
flies alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.cache.flight import Flight
from gateway.cache.flight_message import Join, Leave, decoded
from gateway.cache.flights import Flights
from gateway.cache.hearing import Hearing
from gateway.cache.telling import Telling
from gateway.cache.wireless import Leases, Look, Post, Wireless
from gateway.stores.leases import LEASE, Taken

_RENEWED: Final = LEASE / 3  # seconds between two renewals


class Formation:
    """Of one worker and one event loop. `post(take)` makes its inbox."""

    def __init__(self, flights: Flights, leases: Leases, post: Callable[[Callable[[bytes], None]], Post]) -> None:
        self._flights = flights
        self._leases = leases
        self._wireless = Wireless(leases.who, post, self._take)
        self._telling = Telling(flights, self._wireless)
        self._hearing = Hearing(flights, leases, self._wireless)
        self._renewing: asyncio.TimerHandle | None = None
        flights.landed = self.release

    def look(self) -> Look:
        self._wireless.open()
        return Look(self._leases)

    def is_mine(self, taken: Taken | None) -> bool:
        return taken is None or taken.holder == self._leases.who

    def lead(self, flight: Flight, look: Look) -> None:
        """The caller leads; it has the lease, if anybody has."""
        if look.taken is None:
            return
        look.is_used = True
        flight.lease = look.name
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().call_later(_RENEWED, self._renew)

    def give_back(self, key: str, look: Look) -> None:
        """Whoever looked asks for nothing: it was turned away, or has left. A turn that it has is the next one's."""
        if look.taken is not None and not look.is_used and self.is_mine(look.taken) and self._flights.get(key) is None:
            self._leases.release(look.name)

    def follow(self, key: str, look: Look, taken: Taken) -> Flight:
        """Another worker leads."""
        return self._hearing.follow(key, look, taken)

    def joined(self, flight: Flight, *, streams: bool) -> None:
        """Somebody here has boarded what another worker leads."""
        self._hearing.joined(flight, streams=streams)

    async def end(self) -> None:
        """Nothing is told or asked any more: the others go on without this worker."""
        for flight in self._flights:
            self.release(flight)
        await self._telling.close()

    async def close(self) -> None:
        self._hearing.close()
        if self._renewing is not None:
            self._renewing.cancel()
        await self._wireless.close()

    def release(self, flight: Flight) -> None:
        """What became of it is on its way to the store."""
        if flight.lease:
            self._leases.release(flight.lease)
            flight.lease = ""

    def _renew(self) -> None:
        names = [flight.lease for flight in self._flights if flight.lease]
        self._renewing = None
        if names:
            self._leases.renew(names)
            self._renewing = asyncio.get_running_loop().call_later(_RENEWED, self._renew)

    def _take(self, data: bytes) -> None:
        """A message, from whomever."""
        message = decoded(data)
        match message:
            case None:
                return
            case Join():
                self._telling.asked(message)
            case Leave(sender=sender, key=key):
                self._telling.left(key, sender)
            case _:
                self._hearing.hear(message)
