"""Fitting a head: features of answers and how good each was in, a head out, with figures on answers it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from router.cascade.head import Head
from router.difficulty.evaluation import Doubles, Interval, auroc, ece, interval

MIN_ROWS: Final = 40
FOLDS: Final = 5
STRENGTHS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)
_STEPS: Final = 30  # of Newton's method; it takes six or so
_CAP: Final = 4.0  # as the head has it


class CannotFit(ValueError):
    """The rows do not allow a fit; the message says why."""


@dataclass(frozen=True, slots=True)
class Figures:
    """On rows held out of the fit, with 95 % bootstrap intervals. `bad`: the share of answers that were not good."""

    bad: float
    auroc: Interval
    ece: Interval

    def card(self) -> dict[str, list[float] | None]:
        return {"auroc": self.auroc.card(), "ece": self.ece.card()}

    @property
    def knows(self) -> bool:
        """Whether the ranking is better than chance, as far as so many rows can tell."""
        return self.auroc.low is not None and self.auroc.low > 0.5


@dataclass(frozen=True, slots=True)
class Fitted:
    """The head, its figures, the penalty that the rows chose, and what heads that had not seen a row said of it."""

    head: Head
    figures: Figures
    strength: float
    held_out: Doubles


def fit(rows: Sequence[Sequence[float]], good: Sequence[float], groups: Sequence[str]) -> Fitted:
    """Fits on all rows; the penalty is chosen, and figures taken, by cross-validation. `good` is 0..1.

    Rows of one group (the same question) are never on both sides. Raises `CannotFit`.
    """
    if len(rows) < MIN_ROWS:
        raise CannotFit(f"{len(rows)} rows, at least {MIN_ROWS} are needed")
    columns, bad = np.array(rows, dtype=np.float64), 1.0 - np.array(good, dtype=np.float64)
    if bad.min() == bad.max():
        raise CannotFit("all answers are as good as each other: nothing to tell apart")
    fold = _folds(groups)
    held_out = {strength: _held_out(columns, bad, fold, strength) for strength in STRENGTHS}
    strength = min(STRENGTHS, key=lambda each: _loss(held_out[each], bad))
    found = figures(held_out[strength], bad)
    return Fitted(_head(columns, bad, strength, knows=found.knows), found, strength, held_out[strength])


def figures(probability: Doubles, bad: Doubles) -> Figures:
    """Figures of an estimate; an answer that is more bad than good counts as bad."""
    is_bad, weight = bad > 0.5, np.ones(bad.size)
    return Figures(
        float(bad.mean()),
        interval(lambda rows: auroc(probability[rows], is_bad[rows]), bad.size),
        interval(lambda rows: ece(probability[rows], bad[rows], weight[rows]), bad.size),
    )


def _held_out(columns: Doubles, bad: Doubles, fold: NDArray[np.intp], strength: float) -> Doubles:
    out = np.zeros(bad.size)
    for number in range(FOLDS):
        rows = fold != number
        head = _head(columns[rows], bad[rows], strength, knows=True)
        out[~rows] = [head.probability(row) for row in columns[~rows].tolist()]
    return out


def _head(columns: Doubles, bad: Doubles, strength: float, *, knows: bool) -> Head:
    seen = ~np.isnan(columns)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, columns, 0.0).sum(axis=0) / count
    scale: Doubles = np.sqrt(np.where(seen, (columns - mean) ** 2, 0.0).sum(axis=0) / count)
    scale = np.where(scale < 1e-6, 1.0, scale)
    standard = np.clip(np.where(seen, (columns - mean) / scale, 0.0), -_CAP, _CAP)
    solved = _logistic(standard, bad, strength)
    weights: list[float] = solved[1:].tolist()
    return Head(weights, mean.tolist(), scale.tolist(), float(solved[0]), knows)


def _logistic(columns: Doubles, target: Doubles, strength: float) -> Doubles:
    """Bias and weights of a logistic regression on targets 0..1, by Newton's method; the bias is not penalised."""
    design = np.hstack((np.ones((columns.shape[0], 1)), columns))
    penalty = np.full(design.shape[1], strength)
    penalty[0] = 1e-3  # a fold of one kind still has a finite bias
    solved = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        probability = 0.5 * (1.0 + np.tanh(0.5 * (design @ solved)))
        curvature = (design * (probability * (1.0 - probability))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, design.T @ (target - probability) - penalty * solved)
        solved += step
        if float(np.abs(step).max()) < 1e-8:
            break
    return solved


def _loss(probability: Doubles, bad: Doubles) -> float:
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-(bad * np.log(kept) + (1 - bad) * np.log(1 - kept)).mean())


def _folds(groups: Sequence[str]) -> NDArray[np.intp]:
    numbers: dict[str, int] = {}
    group = np.array([numbers.setdefault(name, len(numbers)) for name in groups], dtype=np.intp)
    order = np.random.Generator(np.random.PCG64(7)).permutation(np.arange(len(numbers)) % FOLDS)
    fold: NDArray[np.intp] = order[group]
    return fold
