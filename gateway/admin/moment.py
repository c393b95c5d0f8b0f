"""Moment: a time as requests say it, in whole seconds since the epoch as answers do, or in ISO 8601 with a zone."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

Moment = int | AwareDatetime


def seconds(moment: int | datetime | None) -> float | None:
    """Since the epoch."""
    return moment.timestamp() if isinstance(moment, datetime) else moment


def shown(at: float | None) -> int | None:
    return None if at is None else int(at)
