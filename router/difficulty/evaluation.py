"""How good a difficulty estimate is: the published RouteLLM figures, ranking, calibration, and their uncertainty.

Definitions (Ong et al. 2024, "RouteLLM"): at a share c of calls to the strong model, performance gap recovered
PGR(c) = (score of the mix − weak) / (strong − weak). APGR is its mean over c = 0..100 %; random routing has 0.5.
CPT(x) is the smallest share of strong calls that reaches a PGR of x %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
ECE_BINS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval; `None` where the figure is not defined on these rows."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.value is None or self.low is None or self.high is None:
            return "n/a"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def card(self) -> list[float] | None:
        """`[value, low, high]` rounded to four places, for an artifact's card."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return [round(self.value, 4), round(self.low, 4), round(self.high, 4)]


def recovered(difficulty: Doubles, gap: Doubles) -> Doubles | None:
    """PGR after sending the 0, 1, … n hardest rows to the strong model; `gap` = strong − weak score per row.

    Rows of equal difficulty share their gain evenly. `None` where the strong model is not better over all rows.
    """
    total = float(gap.sum())
    if not gap.size or total <= 0:
        return None
    order = np.argsort(-difficulty, kind="stable")
    _, tie, counts = np.unique(-difficulty[order], return_inverse=True, return_counts=True)
    shared = np.bincount(tie, weights=gap[order]) / counts
    return np.concatenate(([0.0], np.cumsum(shared[tie]))) / total


def apgr(difficulty: Doubles, gap: Doubles) -> float | None:
    """Average performance gap recovered, by the trapezoid rule."""
    curve = recovered(difficulty, gap)
    return None if curve is None else float(np.trapezoid(curve, dx=1.0 / gap.size))


def cpt(difficulty: Doubles, gap: Doubles, percent: float) -> float | None:
    """Smallest share (0..1) of strong calls that recovers `percent` of the gap."""
    curve = recovered(difficulty, gap)
    if curve is None:
        return None
    return float(np.argmax(curve >= percent / 100 - 1e-12)) / gap.size


def auroc(difficulty: Doubles, hard: NDArray[np.bool_]) -> float | None:
    """Chance that a hard row is rated above an easy one, ties counting half (Mann–Whitney)."""
    positives = int(hard.sum())
    negatives = hard.size - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(difficulty, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    return float((ranks[hard].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def ece(probability: Doubles, label: Doubles, weight: Doubles) -> float | None:
    """Expected calibration error over ten bins of equal weight: Σ share · |mean label − mean probability|."""
    total = float(weight.sum())
    if total <= 0:
        return None
    order = np.argsort(probability, kind="stable")
    probability, label, weight = probability[order], label[order], weight[order]
    bins = np.minimum(((np.cumsum(weight) - weight / 2) / total * ECE_BINS).astype(np.intp), ECE_BINS - 1)
    return float(np.abs(np.bincount(bins, weights=weight * (label - probability), minlength=ECE_BINS)).sum() / total)


def interval(figure: Callable[[NDArray[np.intp]], float | None], rows: int, *, draws: int = 300) -> Interval:
    """95 % percentile bootstrap over rows; `figure` takes row numbers. The random stream is fixed."""
    value = figure(np.arange(rows))
    if value is None:
        return Interval(None, None, None)
    random = np.random.Generator(np.random.PCG64(20))
    drawn = [figure(random.integers(0, rows, rows)) for _ in range(draws)]
    known = [number for number in drawn if number is not None]
    if not known:
        return Interval(value, None, None)
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(value, float(low), float(high))
