"""Periods: the stretches of time in which a budget is counted, by the clocks of one place."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from gateway.config.quota import Budget, Period, rolled

_HOUR: Final = 3600.0  # seconds
_DAY: Final = timedelta(days=1)


class Stretch(NamedTuple):
    """What was begun in [`start`, `end`) counts until `until`. Seconds since the epoch."""

    start: float
    end: float
    until: float


def stretches(budget: Budget, zone: tzinfo, at: float) -> tuple[Stretch, ...]:
    """Those that count at `at`, oldest first; the last one is under way. Of a calendar period there is one.

    A rolling budget is counted in whole hours of UTC, or in whole days of `zone`: with the one under way, one more than
    its length, so that no part of what it says can be outside.
    """
    if budget.rolling is None:
        start, end = _calendar(budget.period or "month", zone, at)
        return (Stretch(start, end, end),)
    length, unit = rolled(budget.rolling)
    if unit == "h":
        hour = at // _HOUR
        begins = [(hour - back) * _HOUR for back in range(length, -1, -1)]
        return tuple([Stretch(start, start + _HOUR, start + (1 + length) * _HOUR) for start in begins])
    today = datetime.fromtimestamp(at, zone).date()
    days = [today - back * _DAY for back in range(length, -1, -1)]
    return tuple(
        [Stretch(_midnight(day, zone), _midnight(day + _DAY, zone), _midnight(day + (1 + length) * _DAY, zone))
         for day in days]
    )  # fmt: skip


def _calendar(period: Period, zone: tzinfo, at: float) -> tuple[float, float]:
    today = datetime.fromtimestamp(at, zone).date()
    if period == "day":
        first, last = today, today + _DAY
    elif period == "week":
        first = today - today.weekday() * _DAY
        last = first + 7 * _DAY
    else:
        first = today.replace(day=1)
        last = (first + 31 * _DAY).replace(day=1)
    return _midnight(first, zone), _midnight(last, zone)


def _midnight(day: date, zone: tzinfo) -> float:
    """When the day begins there. Where clocks skip midnight, at the moment at which they do."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
