"""Sharing: how long a machine was busy for each of the attempts that it worked on at the same time.

While n attempts are under way, each is charged for 1/n of the time, so all that are charged for together are charged
for as long as the machine was busy, and never for more. What is drawn meanwhile is shared alike, where it is measured.

A worker knows of its own attempts. Where several workers use a machine at the same time, each charges for all of its
own time: together at most as many times the busy time as there are workers.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from gateway.accounting.money import EXACT

_TICKS: Final = 10**12  # in a second: whole numbers, so that no share is lost by rounding however many there are
_TICK: Final = Decimal("1e-12")
_MICROWATT_TICK: Final = Decimal("1e-18")  # joules
_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much


class Share(NamedTuple):
    """What one attempt had of a machine: seconds, and joules where somebody measured them."""

    seconds: Decimal
    joules: Decimal | None


class Stay(NamedTuple):
    """Where a machine's sums stood when an attempt began."""

    busy: int
    drawn: int


class Machine:
    """The sums of one machine: for how long each attempt would be charged that is there from the start to the end.

    `steady` is in seconds. `on_busy` is called whenever it has been idle and is no more.
    """

    __slots__ = ("_busy", "_drawn", "_last", "_present", "_steady", "_watts", "on_busy")

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._present = 0
        self._last = steady()
        self._busy = 0  # ticks
        self._drawn = 0  # microwatt ticks
        self._watts: int | None = None  # microwatts; None: nobody measures it
        self.on_busy: Callable[[], None] | None = None

    @property
    def is_busy(self) -> bool:
        return self._present > 0

    def begin(self) -> Stay:
        self._advance()
        self._present += 1
        if self._present == 1 and self.on_busy is not None:
            self.on_busy()
        return _new(Stay, (self._busy, self._drawn))

    def end(self, stay: Stay) -> Share:
        """To be called once for each that has begun."""
        self._advance()
        self._present -= 1
        seconds = EXACT.multiply(self._busy - stay.busy, _TICK)
        joules = None if self._watts is None else EXACT.multiply(self._drawn - stay.drawn, _MICROWATT_TICK)
        return _new(Share, (seconds, joules))

    def draws(self, watts: float) -> None:
        """What it draws from now on, until the next time."""
        self._advance()
        self._watts = round(watts * 1e6)

    def _advance(self) -> None:
        now = self._steady()
        if self._present and now > self._last:
            share = round((now - self._last) * _TICKS) // self._present
            self._busy += share
            if self._watts is not None:
                self._drawn += share * self._watts
        self._last = now
