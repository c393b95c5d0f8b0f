"""If these fail, a day of a report or of an export is not the day that was asked for."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import pytest

from gateway.cli.times import end_of, start_of


def test_a_day_is_whole_and_a_time_is_a_moment() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    assert (start_of("2026-11-23"), end_of("2026-11-23")) == (midnight, midnight + 86_400)
    assert start_of("2026-11-23T01:00") == end_of("2026-11-23T01:00") == midnight + 3600
    assert start_of("2026-11-23T01:00+01:00") == midnight


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        start_of(text)
