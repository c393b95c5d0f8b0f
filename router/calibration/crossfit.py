"""Crossfit: what dials come to on rows that their thresholds were not made of, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from router import ranks
from router.calibration.table import Table
from router.ranks import NOBODY, Ranks

FOLDS = 5
_Z = 1.959964  # of the normal distribution: 95 % lie within


@dataclass(frozen=True, slots=True)
class Rows:
    """One item a row. `hard`: only the large model answers it well; None where no row says so. Rows of one `group` are
    copies of one another, and stay together.
    """

    difficulty: NDArray[np.float64]
    abstained: NDArray[np.bool_]
    hard: NDArray[np.bool_] | None
    group: NDArray[np.intp]

    def __len__(self) -> int:
        return int(self.difficulty.size)

    def at(self, which: NDArray[np.bool_]) -> Self:
        hard = None if self.hard is None else self.hard[which]
        return type(self)(self.difficulty[which], self.abstained[which], hard, self.group[which])

    def table(self, head: str = "", costs: tuple[Decimal | None, Decimal | None] = (None, None)) -> Table:
        """`costs`: mean dollars of the small and the large model. Raises `ValueError` where there are too few rows."""
        hard = None if self.hard is None else self.hard.tolist()
        return Table.of(head, self.difficulty.tolist(), self.abstained.tolist(), hard, costs)

    def large(self, threshold: float) -> NDArray[np.bool_]:
        """Which rows go to the large model with this threshold."""
        if threshold >= NOBODY:
            return np.zeros(len(self), dtype=np.bool_)
        return np.logical_or(self.abstained, self.difficulty >= threshold)

    def fold(self) -> NDArray[np.intp]:
        """The fold of each row; the draw is fixed."""
        groups = np.unique(self.group)
        drawn = np.random.Generator(np.random.PCG64(7)).permutation(groups.size)
        place: NDArray[np.intp] = drawn[np.searchsorted(groups, self.group)] % FOLDS
        return place


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `count`, with its 95 % interval (Wilson 1927)."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        return self.hits / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.count:
            return 0.0, 1.0
        share, spread = self.value, _Z * _Z / self.count
        middle = (share + spread / 2) / (1 + spread)
        half = sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
        return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}]"


def share_threshold(table: Table, share: float) -> float:
    """The threshold that a share starts with."""
    return Ranks.of(table.quantiles).threshold(ranks.start(table.quantiles, table.abstained, share))


def shares(rows: Rows, asked: Sequence[float]) -> list[Proportion]:
    """For each share asked for: of rows left out of the table, how many go to the large model. Raises `ValueError`."""
    large = np.zeros((len(asked), len(rows)), dtype=np.bool_)
    fold = rows.fold()
    for number in range(FOLDS):
        out = fold == number
        table, rest = _made_without(rows, out), rows.at(out)
        for place, share in enumerate(asked):
            large[place, out] = rest.large(share_threshold(table, share))
    return [Proportion(int(went.sum()), len(rows)) for went in large]


def quality_large(rows: Rows, quality: Decimal) -> NDArray[np.bool_] | None:
    """Which rows go to the large model, each by a threshold made without it; None: too few hard rows.

    Raises `ValueError` where there are too few rows at all.
    """
    large = np.zeros(len(rows), dtype=np.bool_)
    fold = rows.fold()
    for number in range(FOLDS):
        out = fold == number
        threshold = _made_without(rows, out).threshold_for(quality)
        if threshold is None:
            return None
        large[out] = rows.at(out).large(threshold)
    return large


def _made_without(rows: Rows, out: NDArray[np.bool_]) -> Table:
    """Raises `ValueError` where too few rows are left."""
    try:
        return rows.at(~out).table()
    except ValueError as error:
        raise ValueError(f"{error}, besides the fifth of all that is held out to measure it") from error


def coverage(rows: Rows, quality: Decimal) -> tuple[Proportion, Proportion] | None:
    """Of hard rows left out of the table, those that go to the large model; and of all. None: too few hard ones."""
    large = quality_large(rows, quality)
    if large is None or rows.hard is None:
        return None
    return Proportion(int(large[rows.hard].sum()), int(rows.hard.sum())), Proportion(int(large.sum()), len(rows))
