"""How long a server asks to be left alone: `retry-after` (RFC 9110, section 10.2.3), and OpenAI's in milliseconds."""

from __future__ import annotations

import math
from datetime import datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = 119  # seconds; SDKs do not try again where they are told to wait for longer than 120


def retry_after(after: str, after_ms: str = "", date: str = "") -> int | None:
    """Whole seconds, at most `MAX_RETRY_AFTER`; None where nothing is said that makes sense.

    The arguments are the fields `retry-after`, `retry-after-ms` and `date`, empty where there is none. A point in time
    counts from the server's own date, so that nobody's clock has to be right.
    """
    seconds = _number(after_ms, 1000)
    if seconds is None:
        seconds = _number(after, 1)
    if seconds is None:
        then, now = _time(after), _time(date)
        if then is None or now is None:
            return None
        seconds = (then - now).total_seconds()
    return max(min(math.ceil(seconds), MAX_RETRY_AFTER), 0)


def _number(text: str, unit: int) -> float | None:
    try:
        value = float(text) / unit
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _time(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return time if time.tzinfo else None
