"""If these fail, a rule for the night holds by day: over midnight, or when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hours import Hours, days_of, span_of

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Hours(BERLIN, *span_of("22:00-06:00"))
SPANS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] != span[1])
TIMES = st.integers(946_684_800, 2_524_608_000).map(lambda at: datetime.fromtimestamp(at, UTC))  # 2000 to 2050


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("text", "span"), [("22:00-06:00", (1320, 360)), ("9-17:30", (540, 1050)), ("00:00 - 24:00", (0, 1440))]
)
def test_spans_as_they_are_written(text: str, span: tuple[int, int]) -> None:
    assert span_of(text) == span


def test_a_span_may_end_at_midnight_in_two_ways() -> None:
    assert span_of("22:00-00:00") == span_of("22:00-24:00") == (1320, 1440)


@pytest.mark.parametrize(
    "text", ["", "22:00", "22-22", "25:00-26:00", "10:60-11:00", "a-b", "24:00-06:00", "1:5-2", "-1-5"]
)
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        span_of(text)


def test_days_as_they_are_written() -> None:
    assert days_of(("mon-fri",)) == frozenset(range(5))
    assert days_of(("Sat", "sun")) == days_of(("sat-sun",)) == frozenset({5, 6})
    assert days_of(("sat-mon",)) == frozenset({5, 6, 0})
    with pytest.raises(ValueError, match=r"."):
        days_of(("day",))


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-07-01T21:59", False),
        ("2026-07-01T22:00", True),
        ("2026-07-02T00:00", True),
        ("2026-07-02T05:59", True),
        ("2026-07-02T06:00", False),
    ],
)
def test_over_midnight(when: str, holds: bool) -> None:
    assert NIGHT.hold(at(when)) is holds


def test_the_day_is_that_on_which_the_span_begins() -> None:
    friday = Hours(BERLIN, *span_of("22:00-06:00"), days_of(("fri",)))
    assert friday.hold(at("2026-07-03T23:00"))  # a Friday
    assert friday.hold(at("2026-07-04T05:00"))
    assert not friday.hold(at("2026-07-03T05:00"))
    assert not friday.hold(at("2026-07-04T23:00"))


def test_an_hour_that_clocks_skip_is_never() -> None:
    skipped = Hours(BERLIN, *span_of("02:00-03:00"))
    start = at("2026-03-29T00:00")
    assert not any(skipped.hold(start + minute * 60) for minute in range(23 * 60))


def test_an_hour_that_clocks_show_twice_is_twice_as_long() -> None:
    twice = Hours(BERLIN, *span_of("02:00-03:00"))
    start = at("2026-10-25T00:00")
    assert sum(twice.hold(start + minute * 60) for minute in range(25 * 60)) == 120


@given(SPANS, TIMES, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_as_a_clock_on_the_wall_there_says(span: tuple[int, int], when: datetime, zone: str) -> None:
    """Also where clocks change: what they show is all that counts."""
    shown = when.astimezone(ZoneInfo(zone))
    minute, (start, end) = shown.hour * 60 + shown.minute, span
    inside = start <= minute < end if start < end else minute >= start or minute < end
    assert Hours(ZoneInfo(zone), start, end).hold(when.timestamp()) is inside


@given(SPANS, st.frozensets(st.integers(0, 6), min_size=1), TIMES)
def test_every_minute_of_a_span_began_on_one_of_its_days(
    span: tuple[int, int], days: frozenset[int], when: datetime
) -> None:
    hours = Hours(UTC, *span, days)
    start, end = span
    begun = when.replace(hour=start // 60, minute=start % 60, second=0, microsecond=0)
    if begun > when:
        begun -= timedelta(days=1)
    inside = when < begun + timedelta(minutes=hours.length)
    assert hours.length == ((end - start) % 1440 or 1440)
    assert hours.hold(when.timestamp()) is (inside and begun.weekday() in days)


@given(SPANS, SPANS, st.frozensets(st.integers(0, 6), min_size=1), st.frozensets(st.integers(0, 6), min_size=1), TIMES)
def test_what_is_included_never_holds_alone(
    one: tuple[int, int], two: tuple[int, int], days: frozenset[int], others: frozenset[int], when: datetime
) -> None:
    outer, inner = Hours(UTC, *one, days), Hours(UTC, *two, others)
    moment = when.timestamp()
    if outer.include(inner) and inner.hold(moment):
        assert outer.hold(moment)
    assert outer.include(outer)
