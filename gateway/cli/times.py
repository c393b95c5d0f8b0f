"""Times on the command line: a date or an ISO time, as seconds since the epoch."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta


def start_of(text: str) -> float:
    """For `--from`: a date begins at midnight UTC. Raises `argparse.ArgumentTypeError`."""
    return _time(text)[0].timestamp()


def end_of(text: str) -> float:
    """For `--to`: a date is included, so it is the end of that day. Raises `argparse.ArgumentTypeError`."""
    moment, is_date = _time(text)
    return (moment + timedelta(days=1) if is_date else moment).timestamp()


def _time(text: str) -> tuple[datetime, bool]:
    """A moment, in UTC unless it says otherwise, and whether it is a whole day."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-23, nor an ISO time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), len(text) <= len("2026-11-23")
