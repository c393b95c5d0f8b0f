"""Time zones by their names, as the machine knows them."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> tzinfo:
    """Raises `ValueError` for a name that is none, or that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ) as error:  # OSError: a part of a name, such as Europe, is a directory
        raise ValueError(f"no time zone '{name}'") from error
