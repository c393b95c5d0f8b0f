"""Flights: all that are on the way in one worker, and what becomes of those who wait where one does not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from gateway.cache.flight import Ending, Flight, Rider, Turn, Word
from gateway.wire.errors import (
    BudgetUnavailable,
    ClientGone,
    Forbidden,
    GatewayError,
    LimitReached,
    UpstreamFailed,
)

MOST_LEADERS: Final = 3  # that may fail one after the other at the models' servers before all others are told
_OWN: Final = (LimitReached, BudgetUnavailable, ClientGone, Forbidden)  # say nothing about anybody else's request


class Flights:
    """All that are on the way, by key. `count` hears of what happens to them, `landed` of each that no other worker
    can board any more."""

    __slots__ = ("_by_key", "_count", "_number", "landed")

    def __init__(self, count: Callable[[str], None]) -> None:
        self._by_key: dict[str, Flight] = {}
        self._count = count
        self._number = 0
        self.landed: Callable[[Flight], None] = _unheard

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Flight]:
        return iter(tuple(self._by_key.values()))

    def get(self, key: str) -> Flight | None:
        return self._by_key.get(key)

    def begin(self, key: str) -> Flight:
        """The caller leads."""
        return self._begun(key, 0)

    def board(self, flight: Flight, *, streams: bool, is_away: bool = False) -> Rider | None:
        first = not flight.is_shared
        rider = flight.board(streams=streams, is_away=is_away)
        if rider is not None:
            if first and not flight.holder:
                self._count("led")
            if not is_away:
                self._count("followed")
        return rider

    def leave(self, rider: Rider) -> None:
        """It waits and reads no more. Safe at any time. Whose turn it was to lead leaves it to the next."""
        flight = rider.flight
        if flight.riders.pop(rider, self) is self:
            return
        if rider.word is Turn.LEAD:
            self.failed(flight, None)
        elif not flight.riders:
            flight.empty()

    def over(self, flight: Flight) -> None:
        """Nobody boards any more."""
        if self._by_key.get(flight.key) is flight:
            del self._by_key[flight.key]
            self.landed(flight)

    def dissolve(self, flight: Flight) -> None:
        """Its answer cannot be shared: all who wait go on their own."""
        self._all(flight, Turn.ALONE)

    def again(self, flight: Flight) -> None:
        """Who was waited for is gone: all who wait look again, and who has read something is cut off."""
        self.cut(flight)
        self._all(flight, Turn.AGAIN)

    def cut(self, flight: Flight) -> None:
        """Who has read something will read no more."""
        if flight.ending is None:
            flight.end_with(Ending(error=UpstreamFailed("The answer was cut off.")))

    def give_up(self, flight: Flight, error: GatewayError) -> None:
        """All who wait are told."""
        self._all(flight, error)

    def keep_here(self, flight: Flight) -> None:
        """Its answer is not for other workers."""
        flight.travels = False
        self.landed(flight)
        for rider in flight.waiting():
            if rider.is_away:
                rider.tell(Turn.ALONE)

    def failed(self, flight: Flight, error: GatewayError | None) -> None:
        """Its leader has failed, or left (None). The next one leads; after a few that failed at the models' servers
        nobody does, and all are told what the last one was."""
        waiting = [rider for rider in flight.waiting() if not rider.is_away]
        failures = flight.failures + (error is not None and not isinstance(error, _OWN))
        if error is not None and failures >= MOST_LEADERS:
            self._all(flight, error)
        elif not waiting:
            self._all(flight, Turn.AGAIN)
        else:
            self._count("handed_over")
            self._hand_over(flight, waiting[0], failures)

    def _hand_over(self, flight: Flight, first: Rider, failures: int) -> None:
        after = self._begun(flight.key, failures)
        after.is_shared = True
        after.lease, flight.lease = flight.lease, ""
        for rider in flight.waiting():
            del flight.riders[rider]
            rider.flight = after
            after.riders[rider] = None
        first.tell(Turn.LEAD)

    def _begun(self, key: str, failures: int) -> Flight:
        self._number += 1
        flight = self._by_key[key] = Flight(key, failures, self._number)
        return flight

    def _all(self, flight: Flight, word: Word) -> None:
        self.over(flight)
        for rider in flight.waiting():
            rider.tell(word)


def _unheard(_flight: Flight) -> None:
    """No other worker shares it."""
