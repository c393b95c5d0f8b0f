"""If these fail, money counts in the wrong day, twice, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.quota import Budget, Period
from gateway.quota.periods import stretches

BERLIN, BEIRUT, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut"), ZoneInfo("America/New_York")
HOUR, DAY = 3600.0, 86_400.0
MOMENTS = st.floats(datetime(2020, 1, 1, tzinfo=UTC).timestamp(), datetime(2036, 1, 1, tzinfo=UTC).timestamp())
PERIODS: tuple[Period, ...] = ("day", "week", "month")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def calendar(period: Period) -> Budget:
    return Budget(amount=Decimal(1), period=period)


def rolling(text: str) -> Budget:
    return Budget(amount=Decimal(1), rolling=text)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-11-29T00:00+01:00", "2026-11-30T00:00+01:00"),
        ("week", "2026-11-23T00:00+01:00", "2026-11-30T00:00+01:00"),
        ("month", "2026-11-01T00:00+01:00", "2026-12-01T00:00+01:00"),
    ],
)
def test_calendar_periods_begin_at_midnight_there(period: Period, start: str, end: str) -> None:
    for moment in (start, "2026-11-29T23:59:59+01:00"):
        (stretch,) = stretches(calendar(period), BERLIN, at(moment))
        if moment != start:
            assert (stretch.start, stretch.end, stretch.until) == (at(start), at(end), at(end))
    (last,) = stretches(calendar(period), BERLIN, at(end) - 0.001)
    (following,) = stretches(calendar(period), BERLIN, at(end))
    assert (last.end, following.start) == (at(end), at(end))


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        (BERLIN, "2026-03-29T12:00+02:00", 23),  # clocks skip an hour
        (BERLIN, "2026-10-25T12:00+01:00", 25),
        (BEIRUT, "2026-03-29T12:00+03:00", 23),  # and there it is that of midnight
        (BEIRUT, "2026-10-24T12:00+03:00", 25),
    ],
)
def test_days_on_which_clocks_are_changed(zone: ZoneInfo, noon: str, hours: int) -> None:
    (stretch,) = stretches(calendar("day"), zone, at(noon))
    assert stretch.end - stretch.start == hours * HOUR


@given(MOMENTS, st.sampled_from(PERIODS), st.sampled_from([BERLIN, BEIRUT, NEW_YORK]))
def test_every_moment_lies_in_one_period(moment: float, period: Period, zone: ZoneInfo) -> None:
    (stretch,) = stretches(calendar(period), zone, moment)
    assert stretch.start <= moment < stretch.end
    assert stretches(calendar(period), zone, stretch.start) == (stretch,)
    (before,) = stretches(calendar(period), zone, stretch.start - 0.001)
    assert before.end == stretch.start


@given(MOMENTS, st.sampled_from(["1h", "24h", "48h", "1d", "7d", "30d", "92d"]), st.sampled_from([BERLIN, BEIRUT]))
def test_a_rolling_budget_counts_at_least_its_length(moment: float, text: str, zone: ZoneInfo) -> None:
    length, unit = int(text[:-1]), HOUR if text.endswith("h") else DAY
    found = stretches(rolling(text), zone, moment)
    assert len(found) == length + 1
    assert found[-1].start <= moment < found[-1].end
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.until > moment for one in found)
    spare = HOUR if unit == DAY else 0.0  # clocks are changed twice a year
    assert moment - found[0].start >= length * unit - spare
    assert moment - found[0].start < (length + 1) * unit + spare


@given(MOMENTS, st.sampled_from(["3h", "3d"]))
def test_what_was_counted_once_is_named_alike_until_it_counts_no_more(moment: float, text: str) -> None:
    newest = stretches(rolling(text), BERLIN, moment)[-1]
    assert newest in stretches(rolling(text), BERLIN, newest.until - 0.001)
    assert newest not in stretches(rolling(text), BERLIN, newest.until)
