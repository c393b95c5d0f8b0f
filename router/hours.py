"""Hours: a span of the day, on some days of the week, by the clocks of one place.

What counts is what a clock on the wall there shows. So an hour that clocks skip in spring is never, and one that they
show twice in autumn is twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` up to `end`, in minutes since midnight; over midnight where `end` is not after `start`.

    `days` are those on which the span begins, 0 for Monday: Friday, 22:00-06:00 goes on until Saturday 06:00.
    """

    zone: tzinfo
    start: int = 0
    end: int = _MINUTES
    days: frozenset[int] = frozenset(range(7))

    def hold(self, at: int | float) -> bool:
        """`at` is seconds since the epoch."""
        there = datetime.fromtimestamp(at, self.zone)
        minute = there.hour * 60 + there.minute
        day = there.weekday()
        if self.start < self.end:
            return self.start <= minute < self.end and day in self.days
        if minute >= self.start:
            return day in self.days
        return minute < self.end and (day - 1) % 7 in self.days

    def include(self, other: Hours) -> bool:
        """Whether these hold whenever the others do, as far as can be told without a calendar of all zones."""
        if self.start == 0 and self.end == _MINUTES and self.days == frozenset(range(7)):
            return True
        if str(self.zone) != str(other.zone) or not self.days >= other.days:
            return False
        return self.start <= other.start and other.start + other.length <= self.start + self.length

    @property
    def length(self) -> int:
        """Minutes on the clock."""
        return (self.end - self.start - 1) % _MINUTES + 1


def span_of(text: str) -> tuple[int, int]:
    """`22:00-06:00` as minutes since midnight. Raises `ValueError` for a text that is no span, or an empty one."""
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError("no span")
    first, last = _minute_of(start), _minute_of(end)
    if first in (last, _MINUTES):
        raise ValueError("an empty span")
    return first, last or _MINUTES


def days_of(names: tuple[str, ...]) -> frozenset[int]:
    """`mon`, or `mon-fri`, or `sat-mon`. Raises `ValueError` for what is no day."""
    days: set[int] = set()
    for name in names:
        first, _, last = name.lower().partition("-")
        start, end = DAYS.index(first.strip()), DAYS.index((last or first).strip())
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days)


def _minute_of(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and len(hour) <= 2):
        raise ValueError("no hour")
    if colon and not (minute.isascii() and minute.isdigit() and len(minute) == 2):
        raise ValueError("no minute")
    value = int(hour) * 60 + int(minute or 0)
    if value > _MINUTES or int(minute or 0) > 59:
        raise ValueError("no time of day")
    return value
