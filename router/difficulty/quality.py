"""Quality: every figure of a difficulty estimate on labelled rows, and what a threshold would have done with them.

A threshold sends a row to the large model where its difficulty is at least that, as a route does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles, Interval, apgr, auroc, cpt, ece, interval
from router.difficulty.labels import Labels

Measure = Callable[[NDArray[np.intp]], float | None]
FIGURES = ("apgr", "cpt50", "cpt80", "auroc", "ece")
PER = 1000  # requests that a cost is stated for


class Costs(NamedTuple):
    """Dollars of one row, answered by the small and by the large model; `None`: not known."""

    weak: Decimal | None
    strong: Decimal | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a threshold does: the share (0..1) of rows that goes to the large model, the mean score of the answers, the
    share of the gap recovered, and dollars per 1,000 rows (`None` where a row's cost is not known)."""

    threshold: float
    share: Interval
    score: float
    recovered: Interval
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures with 95 % intervals over rows. `hard`: rows on which the large model does better. `cost`: of all rows
    answered by the one model and by the other, dollars per 1,000."""

    rows: int
    hard: int
    weak: float
    strong: float
    figures: Mapping[str, Interval]
    sent: tuple[Sent, ...]
    cost: Costs

    @classmethod
    def of(
        cls, difficulty: Doubles, labels: Labels, thresholds: Sequence[float] = (), costs: Sequence[Costs] = ()
    ) -> Quality:
        """`difficulty`: one per row. `costs`: one per row, or none at all. Raises `ValueError` for no rows."""
        if not difficulty.size:
            raise ValueError("no rows")
        every = np.zeros(difficulty.size, np.bool_)
        return cls(
            difficulty.size,
            int((labels.gap > 0).sum()),
            float(labels.weak.mean()),
            float(labels.strong.mean()),
            figures(difficulty, labels),
            tuple(_sent(difficulty >= each, each, labels, costs) for each in thresholds),
            Costs(_cost(every, costs), _cost(~every, costs)),
        )


def figures(difficulty: Doubles, labels: Labels) -> dict[str, Interval]:
    """One interval per name in `FIGURES`."""
    measures = measures_of(difficulty, labels)
    return {name: interval(measures[name], difficulty.size) for name in FIGURES}


def measures_of(difficulty: Doubles, labels: Labels) -> dict[str, Measure]:
    """Each figure as a function of row numbers."""
    gap, hard, share, weight = labels.gap, labels.gap > 0, labels.share, labels.weight
    return {
        "apgr": lambda rows: apgr(difficulty[rows], gap[rows]),
        "cpt50": lambda rows: cpt(difficulty[rows], gap[rows], 50),
        "cpt80": lambda rows: cpt(difficulty[rows], gap[rows], 80),
        "auroc": lambda rows: auroc(difficulty[rows], hard[rows]),
        "ece": lambda rows: ece(difficulty[rows], share[rows], weight[rows]),
    }


def _sent(large: NDArray[np.bool_], threshold: float, labels: Labels, costs: Sequence[Costs]) -> Sent:
    def recovered(rows: NDArray[np.intp]) -> float | None:
        gap = labels.gap[rows]
        total = float(gap.sum())
        return float(gap[large[rows]].sum()) / total if total > 0 else None

    return Sent(
        threshold,
        interval(lambda rows: float(large[rows].mean()), large.size),
        float(np.where(large, labels.strong, labels.weak).mean()),
        interval(recovered, large.size),
        _cost(large, costs),
    )


def _cost(large: NDArray[np.bool_], costs: Sequence[Costs]) -> Decimal | None:
    """Dollars per 1,000 rows; exact, and `None` where one of them is not known."""
    total = Decimal(0)
    for each, own in zip(large.tolist(), costs, strict=bool(costs)):
        one = own.strong if each else own.weak
        if one is None:
            return None
        total += one
    return total * PER / len(costs) if costs else None
