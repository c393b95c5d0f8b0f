"""Shares with their intervals of 95 %."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple, Self

from bench.detection.rows import Judged

_Z = 1.959964  # standard deviations on either side that hold 95 % of a normal distribution


class Share(NamedTuple):
    """`hits` of `total`."""

    hits: int
    total: int

    @classmethod
    def of_documents(cls, some: list[Judged]) -> Self:
        """Those in which anything was found."""
        return cls(sum(bool(each.found) for each in some), len(some))

    @classmethod
    def of_spans(cls, some: list[Judged], kind: str = "") -> Self:
        """The spans that were found. Several of one document count as if they were independent."""
        counts = [each.spans(kind) for each in some]
        return cls(sum(hits for hits, _ in counts), sum(total for _, total in counts))

    @property
    def value(self) -> float:
        return self.hits / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson (1927), which holds for shares near 0 and 1 too."""
        share, total = self.value, self.total
        middle = share + _Z**2 / (2 * total)
        width = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
        base = 1 + _Z**2 / total
        return max(0.0, (middle - width) / base), min(1.0, (middle + width) / base)

    def __str__(self) -> str:
        if not self.total:
            return "no rows"
        low, high = self.interval
        return f"{self.value:.3f}  [{low:.3f}, {high:.3f}]  of {self.total}"
