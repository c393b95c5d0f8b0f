"""Calibration: how alike two questions have to be, measured on pairs that somebody says are the same, or are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import Final, NamedTuple

from gateway.cache.semantic.encoder import Vector
from gateway.cache.semantic.guard import objection
from gateway.cache.semantic.reading import read

LOST: Final = 0.02  # of the hits, what a threshold may cost that is as high as can be
_STEP: Final = 0.005
_GRID: Final = tuple(round(0.5 + _STEP * step, 3) for step in range(100))
_Z: Final = 1.959964  # of the normal distribution: 95 % on two sides


class Pair(NamedTuple):
    """Two questions. `same`: whether one answer will do for both."""

    a: str
    b: str
    same: bool


class Judged(NamedTuple):
    """`language` is empty where one of the two cannot be read; `objection` is what the guard has against them."""

    same: bool
    language: str
    similarity: float
    objection: str | None

    def is_hit(self, threshold: float) -> bool:
        return self.objection is None and self.similarity >= threshold


class Rate(NamedTuple):
    """A share with its 95 % interval (Wilson's)."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        share, squared = self.share, _Z * _Z / self.total
        middle = (share + squared / 2) / (1 + squared)
        half = sqrt(share * (1 - share) / self.total + squared / self.total / 4) * _Z / (1 + squared)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits} of {self.total}, {self.share:.1%} ({low:.1%} to {high:.1%})"


class Calibration(NamedTuple):
    """Of one language."""

    threshold: float
    hits: Rate
    false_hits: Rate


def judge(pairs: Iterable[Pair], vector: Callable[[str], Vector]) -> list[Judged]:
    """What the guard and the encoder say of each pair."""
    judged: list[Judged] = []
    for pair in pairs:
        one, other = read(pair.a), read(pair.b)
        if one is None or other is None:
            judged.append(Judged(pair.same, "" if one is None else one.language, 0.0, "language"))
            continue
        alike = float(vector(pair.a) @ vector(pair.b))
        judged.append(Judged(pair.same, one.language, alike, objection(other, one)))
    return judged


def rates(judged: Sequence[Judged], threshold: float) -> Calibration:
    """What a threshold comes to."""
    same = [each for each in judged if each.same]
    other = [each for each in judged if not each.same]
    hits = sum(each.is_hit(threshold) for each in same)
    false_hits = sum(each.is_hit(threshold) for each in other)
    return Calibration(threshold, Rate(hits, len(same)), Rate(false_hits, len(other)))


def calibrate(judged: Sequence[Judged], most_false: float) -> Calibration | None:
    """The threshold for a share of false hits of at most `most_false`: of those that cost hardly a hit, the highest.
    None where there is none."""
    allowed = [
        each for each in (rates(judged, threshold) for threshold in _GRID) if each.false_hits.share <= most_false
    ]
    if not allowed:
        return None
    enough = max(each.hits.hits for each in allowed) * (1 - LOST)
    return max((each for each in allowed if each.hits.hits >= enough), key=lambda each: each.threshold)
