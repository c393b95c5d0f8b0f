"""The trial: old against new on rows that the new one had not seen.

Rows are cut into stretches of time, and rows of one prompt are never on both sides. Each stretch is predicted by a fit
to all others, whose strength was chosen, and whose calibration was fitted, without it. The newest stretch is also
predicted from older rows alone, as it will be when it serves. Figures are weighed as the fit is: whoever may not carry
the fit may not carry the proof. Intervals: bootstrap over prompts, both heads on the same draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles, Interval, ece
from router.difficulty.fitting import folds
from router.difficulty.model import Calibration
from router.difficulty.relearning.fit import STRENGTHS, Fitted, Rows, fit, sigmoid
from router.difficulty.relearning.told import Indices

STRETCHES = 5
INNER = 4
DRAWS = 500
LEAST_P = 1e-4
Figure = Callable[[Indices], float]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A fit, and the sigmoid over its logits."""

    fitted: Fitted
    calibration: Calibration
    strength: float

    def probabilities(self, rows: Rows) -> Doubles:
        return sigmoid(self.calibration.slope * self.fitted.logits(rows) + self.calibration.shift)


def stretches(group: Indices) -> Indices:
    """A number per row, ascending in time: rows are in the order of time, a prompt stands where it was first asked."""
    first = np.unique(group, return_index=True)[1]
    place = np.searchsorted(np.sort(first), first)
    out: Indices = (place * STRETCHES // max(1, first.size))[np.searchsorted(np.unique(group), group)]
    return out


def chosen(rows: Rows, group: Indices, anchors: Rows, strengths: Sequence[float] = STRENGTHS) -> Calibrated:
    """Fitted to all rows; strength and calibration from rows held out of it."""
    fold = folds(group.size, INNER, np.unique(group, return_inverse=True)[1])
    best: tuple[float, float, Doubles] | None = None
    for strength in strengths:
        held = np.zeros(group.size)
        for number in range(INNER):
            out = fold == number
            held[out] = fit(rows.take(~out), anchors, strength).logits(rows.take(out))
        loss = float(rows.weight @ losses(sigmoid(held), rows.target))
        if best is None or loss < best[0]:
            best = loss, strength, held
    if best is None:
        raise ValueError("no strength to choose from")
    return Calibrated(fit(rows, anchors, best[1]), recalibrated(best[2], rows), best[1])


def recalibrated(logits: Doubles, rows: Rows) -> Calibration:
    """Slope and shift over held-out logits, themselves shrunk towards 1 and 0: few rows say little about them."""
    plain = Rows(np.zeros((logits.size, 0)), logits, rows.target, rows.weight)
    nothing = Rows(np.zeros((0, 0)), np.zeros(0), np.zeros(0), np.zeros(0))
    found = fit(plain, nothing, 1.0)
    return Calibration(found.factor, found.shift)


def held_back(rows: Rows, group: Indices, anchors: Rows, like: Calibrated | None = None) -> Doubles:
    """The probability of each row by a fit to the other stretches. `like`: strength and calibration are those of this
    one, where many such trials are asked for and the choice was made once."""
    stretch = stretches(group)
    out = np.zeros(group.size)
    for number in np.unique(stretch):
        own = stretch == number
        rest = rows.take(~own)
        found = chosen(rest, group[~own], anchors) if like is None else refitted(rest, anchors, like)
        out[own] = found.probabilities(rows.take(own))
    return out


def refitted(rows: Rows, anchors: Rows, like: Calibrated) -> Calibrated:
    return replace(like, fitted=fit(rows, anchors, like.strength))


def newest(rows: Rows, group: Indices, anchors: Rows) -> tuple[NDArray[np.bool_], Doubles]:
    """The newest stretch and its probabilities by a fit to what is older."""
    own = stretches(group) == STRETCHES - 1
    return own, chosen(rows.take(~own), group[~own], anchors).probabilities(rows.take(own))


def losses(p: Doubles, target: Doubles) -> Doubles:
    """Log-loss of each row."""
    p = np.clip(p, LEAST_P, 1 - LEAST_P)
    out: Doubles = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return out


def gains(old: Doubles, new: Doubles, rows: Rows) -> Doubles:
    """By how much each row's log-loss is smaller with the new head."""
    return losses(old, rows.target) - losses(new, rows.target)


def mean(values: Doubles, weight: Doubles) -> float:
    return float(weight @ values) / max(float(weight.sum()), 1e-12)


def ranking(p: Doubles, target: Doubles, weight: Doubles) -> float:
    """AUROC with weights: a row counts as `target` hard and 1 − `target` easy. 0.5 where there is only one kind."""
    _, place = np.unique(p, return_inverse=True)
    hard = np.bincount(place, weights=weight * target)
    easy = np.bincount(place, weights=weight * (1 - target))
    pairs = float(hard.sum() * easy.sum())
    below = np.cumsum(easy) - easy / 2
    return float(hard @ below) / pairs if pairs > 0 else 0.5


def recovered(p: Doubles, gap: Doubles, weight: Doubles) -> float:
    """APGR with weights; 0.5 where the large model is not better over all rows."""
    total = float(gap @ weight)
    if total <= 1e-9:
        return 0.5
    _, place = np.unique(-p, return_inverse=True)
    share = np.concatenate(([0.0], np.cumsum(np.bincount(place, weights=weight)))) / max(float(weight.sum()), 1e-12)
    curve = np.concatenate(([0.0], np.cumsum(np.bincount(place, weights=weight * gap)))) / total
    return float(np.trapezoid(curve, share))


def calibration_error(p: Doubles, target: Doubles, weight: Doubles) -> float:
    return float(ece(p, target, weight) or 0.0)


def interval(figure: Figure, group: Indices, level: float = 0.95) -> Interval:
    """A figure of row numbers, with its bootstrap interval over prompts. The random stream is fixed."""
    order = np.argsort(group, kind="stable")
    _, starts, sizes = np.unique(group[order], return_index=True, return_counts=True)
    random = np.random.Generator(np.random.PCG64(20))
    drawn = []
    for _ in range(DRAWS):
        prompts = random.integers(0, starts.size, starts.size)
        counts = sizes[prompts]
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        drawn.append(figure(order[np.repeat(starts[prompts], counts) + within]))
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Interval(figure(np.arange(group.size)), float(low), float(high))
