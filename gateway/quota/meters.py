"""Meters: what this worker has taken of limits, by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateway.quota.answer import Room
from gateway.quota.ask import Take
from gateway.quota.window import Window, slot_of

SOON: Final = 1.0  # seconds; when a concurrent request ends, nobody can foretell


class Lack(NamedTuple):
    """A take for which there is not enough left, and in how many seconds there is."""

    take: Take
    wait: float


class Meters:
    """`clock` gives seconds and never goes back.

    `sharers`: how many workers share a limit while none knows of the others; each has its part of it, and at least 1.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: dict[str, Window] = {}
        self.concurrent: dict[str, int] = {}  # taken now; 0 stays until it is pruned

    def lack(self, takes: tuple[Take, ...], sharers: int = 1) -> Lack | None:
        """The first that does not fit; nothing is taken."""
        now = self._clock()
        for take in takes:
            limit = part_of(take.limit, sharers)
            if take.kind == "concurrent":
                if self.concurrent.get(take.meter, 0) + take.amount > limit:
                    return Lack(take, SOON if take.amount <= limit else float("inf"))
                continue
            window = self._window(take.meter, slot_of(now))
            lacking = window.total + take.amount - limit
            if lacking > 0 and take.amount:
                return Lack(take, window.room_in(lacking, now) if take.amount <= limit else float("inf"))
        return None

    def take(self, takes: tuple[Take, ...]) -> int:
        """Whether it fits or not. Returns the slot that windows were charged in."""
        slot = slot_of(self._clock())
        for take in takes:
            if take.kind == "concurrent":
                self.concurrent[take.meter] = self.concurrent.get(take.meter, 0) + take.amount
            else:
                self._window(take.meter, slot).take(slot, take.amount)
        return slot

    def give_back(self, takes: tuple[Take, ...], slot: int, tokens: int | None) -> None:
        for take in takes:
            if take.kind == "concurrent":
                self.concurrent[take.meter] -= take.amount
            elif take.kind == "tokens" and tokens is not None:
                window = self._windows.get(take.meter)
                if window is not None:
                    window.correct(slot, tokens - take.amount)

    def rooms(self, takes: tuple[Take, ...], sharers: int = 1) -> tuple[Room, ...]:
        return tuple([self._room(take, sharers) for take in takes])

    def prune(self) -> None:
        """Forgets meters of which nothing is taken."""
        slot = slot_of(self._clock())
        for window in self._windows.values():
            window.move_to(slot)
        self._windows = {meter: window for meter, window in self._windows.items() if window.total}
        for meter in [meter for meter, count in self.concurrent.items() if not count]:
            del self.concurrent[meter]

    def _room(self, take: Take, sharers: int) -> Room:
        limit = part_of(take.limit, sharers)
        if take.kind == "concurrent":
            left = max(0, limit - self.concurrent.get(take.meter, 0))
            return Room(take.meter, take.kind, take.limit, left, 0.0, 0.0)
        now = self._clock()
        window = self._window(take.meter, slot_of(now))
        left = max(0, limit - window.total)
        return Room(take.meter, take.kind, take.limit, left, window.more_in(now), window.clear_in(now))

    def _window(self, meter: str, slot: int) -> Window:
        window = self._windows.get(meter)
        if window is None:
            window = self._windows[meter] = Window()
        window.move_to(slot)
        return window


def part_of(limit: int, sharers: int) -> int:
    return limit if sharers <= 1 or not limit else max(1, limit // sharers)
