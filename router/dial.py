"""The dial: how much of the large model a request may have, in one of four meanings.

    share=0.3       at most 30 % of the requests go to the large model
    cost=2.50       at most 2.50 dollars per 1,000 requests
    quality=0.95    of the requests that only the large model answers well, at most 5 % stay with the small one
    threshold=0.5   the large model from this difficulty on

What turns the first three into a threshold of difficulty is a calibration table (`router.calibration`).
"""

from __future__ import annotations

import re
from collections.abc import Container
from decimal import Decimal
from typing import Final, NamedTuple

SHARE: Final = "share"
COST: Final = "cost"
QUALITY: Final = "quality"
THRESHOLD: Final = "threshold"
KINDS: Final = (SHARE, COST, QUALITY, THRESHOLD)

MOST_DOLLARS: Final = Decimal(1_000_000)  # per 1,000 requests
_SHARE_PLACES = 4  # of what lies between 0 and 1
_NUMBER = re.compile(r"(?:\d{1,7}(?:\.\d{0,6})?|\.\d{1,6})", re.ASCII)
# What is meant as a dial behind a model's name, be it a good one or not; `gemma3:27b` and `auto:latest` are names.
_MEANT = re.compile(r"[-+.,%\d]*\d[-+.,%\d]*|.*=.*|share|cost|quality|threshold", re.ASCII | re.DOTALL)


class Dial(NamedTuple):
    """`kind` is one of `KINDS`. `value` is 0..1, or for `cost` dollars per 1,000 requests."""

    kind: str
    value: Decimal

    @property
    def number(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        """The one text for this dial: `share=0.30` and `share=.3` are both `share=0.3`."""
        return f"{self.kind}={self.value:f}"


def dial_of(text: str, kind: str = SHARE) -> Dial:
    """What somebody wrote: `KIND=NUMBER`, or a number alone, which is of `kind`. Raises `ValueError` with a remedy."""
    word, mark, number = text.partition("=")
    if mark:
        kind = word.strip().lower()
        if kind not in KINDS:
            raise ValueError(f"a dial is one of {', '.join(KINDS)}")
    else:
        number = word
    number = number.strip()
    if _NUMBER.fullmatch(number) is None:
        raise ValueError(f"write {kind}=NUMBER, such as {_EXAMPLES[kind]}")
    return checked(kind, Decimal(number))


def checked(kind: str, value: Decimal) -> Dial:
    """The dial. Raises `ValueError` where the value is out of its bounds, or finer than anything can tell apart."""
    if kind == COST:
        if not Decimal(0) <= value <= MOST_DOLLARS:
            raise ValueError(f"cost must be from 0 to {MOST_DOLLARS} dollars per 1,000 requests")
        return Dial(kind, _plain(value))
    if not Decimal(0) <= value <= Decimal(1):
        raise ValueError(f"{kind} must be from 0 to 1")
    return Dial(kind, _plain(round(value, _SHARE_PLACES)))


def named(name: str, routes: Container[str]) -> tuple[str, str | None]:
    """A model's name as a route and the dial behind it: `auto:0.8` is `auto` and `0.8`, unless a route is called so.

    The name as it is, and None, where there is no such route, or nothing behind it that could be meant as a dial.
    """
    if name not in routes:
        route, mark, text = name.rpartition(":")
        if mark and route in routes and _MEANT.fullmatch(text) is not None:
            return route, text
    return name, None


def _plain(value: Decimal) -> Decimal:
    """Without zeros at its end, and never in powers of ten."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") or "0") if "." in text else value


_EXAMPLES: Final = {SHARE: "share=0.3", COST: "cost=2.50", QUALITY: "quality=0.95", THRESHOLD: "threshold=0.5"}
