"""Window: what was taken of a limit in the last minute, counted so that no 60 seconds see more than the limit.

Time is cut into slots. The one that began a minute ago counts in full until it is over: a limit of 60 seconds holds for
62, and never for less than 60. Redis does the same by its own clock, see `script.py`.
"""

from __future__ import annotations

from typing import Final

SLOT_SECONDS: Final = 2
SLOTS: Final = 30  # before the current one


def slot_of(now: float) -> int:
    return int(now // SLOT_SECONDS)


def over_in(slot: int, now: float) -> float:
    """Seconds until what was taken in the slot counts no more."""
    return float((slot + SLOTS + 1) * SLOT_SECONDS) - now


class Window:
    """Of one meter. `total` is what counts at the slot that it was last moved to."""

    __slots__ = ("_slots", "total")

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}  # amounts by slot, oldest first
        self.total = 0

    def move_to(self, slot: int) -> None:
        slots = self._slots
        while slots:
            oldest = next(iter(slots))
            if oldest >= slot - SLOTS:
                return
            self.total -= slots.pop(oldest)

    def take(self, slot: int, amount: int) -> None:
        self._slots[slot] = self._slots.get(slot, 0) + amount
        self.total += amount

    def correct(self, slot: int, change: int) -> None:
        """In the slot in which it was taken, if that still counts."""
        if slot in self._slots:
            self._slots[slot] += change
            self.total += change

    def more_in(self, now: float) -> float:
        """Seconds until the oldest part counts no more."""
        return next((over_in(slot, now) for slot, amount in self._slots.items() if amount > 0), 0.0)

    def clear_in(self, now: float) -> float:
        """Seconds until no part counts any more."""
        return next((over_in(slot, now) for slot, amount in reversed(self._slots.items()) if amount > 0), 0.0)

    def room_in(self, wanted: int, now: float) -> float:
        """Seconds until `wanted` less than now is taken."""
        for slot, amount in self._slots.items():
            wanted -= amount
            if wanted <= 0:
                return over_in(slot, now)
        return float("inf")
