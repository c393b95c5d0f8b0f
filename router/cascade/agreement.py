"""Agreement: whether two samples of an answer come to the same."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from router.cascade.arithmetic import last_number

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 20_000  # characters


def overlap(left: str, right: str) -> float:
    """How much of the words of both is in both, 0..1 (F1 of the bags of words)."""
    mine, other = _bag(left), _bag(right)
    total = sum(mine.values()) + sum(other.values())
    return 2.0 * sum((mine & other).values()) / total if total else 1.0


def agreement(left: str, right: str) -> float:
    """1.0: they come to the same number; 0.0: to others. Where either has none, how much their words overlap."""
    mine, other = last_number(left), last_number(right)
    if mine is None or other is None:
        return overlap(left, right)
    return 1.0 if mine == other else 0.0


def _bag(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text[:_LONGEST].lower()))
