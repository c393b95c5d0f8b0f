"""The occasion of a request: when it came, and what its caller tagged it with. Routing rules may ask for both.

The router has no clock, so the time is an argument like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

MOST_TAGS: Final = 32
LONGEST_TAG: Final = 64  # characters
_NONE: frozenset[str] = frozenset()


class Occasion(NamedTuple):
    """`at` is seconds since the epoch; None: not known, and no rule about the hour holds."""

    at: int | float | None = None
    tags: frozenset[str] = _NONE


NO_OCCASION: Final = Occasion()


def tags_in(said: Iterable[str]) -> frozenset[str]:
    """Tags from lists divided by commas, in lower case. Those beyond the bounds, and what nobody can print, are as good
    as not there."""
    tags: dict[str, None] = {}
    for text in said:
        for piece in text[: MOST_TAGS * (LONGEST_TAG + 2)].split(","):
            tag = piece.strip().lower()
            if tag and len(tag) <= LONGEST_TAG and tag.isprintable():
                tags[tag] = None
                if len(tags) == MOST_TAGS:
                    return frozenset(tags)
    return frozenset(tags)
