"""The fit: a logistic regression whose prior is the champion.

    logit = α · champion's logit + β + δ · features,   shrunk towards α = 1, β = 0, δ = 0

With no rows it is the champion; each row moves it as far as it says. Prompts of the anchors' training half stand among
the rows with the champion's own probability as their target, so that what is learned of a traffic is learned for that
traffic, and not for everything else too. How strongly δ is held back is chosen on rows held back (`trial.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles
from router.difficulty.model import Calibration, DifficultyModel
from router.difficulty.parts import STRUCTURE_LIMIT, MeaningPart, Part, StructurePart
from router.difficulty.relearning.lineage import LEARNED, factor_of, root_of
from router.difficulty.relearning.told import Evidence

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
MEANING = 1.0  # how loud the meaning is beside the structure, whose columns share `STRUCTURE`
STRUCTURE = 1.5
HOLD_FACTOR = 5.0  # penalty on (α − 1)²
HOLD_SHIFT = 0.5  # and on β²
LEAST_FACTOR = 0.1  # α stays above: a challenger never turns the champion's order around
ROUNDS = 40  # of Newton's method; it is done after some seven
REHEARSED = 0.3  # what all anchors weigh together, beside all rows


@dataclass(frozen=True, slots=True)
class Scaling:
    """Structural numbers → columns; the champion's where it has a part of that kind, so that both can be added."""

    mean: Doubles
    scale: Doubles

    @classmethod
    def of(cls, champion: DifficultyModel, structure: Doubles) -> Scaling:
        part = champion.parts.get("structure")
        if isinstance(part, StructurePart):
            return cls(part.mean.astype(np.float64), part.scale.astype(np.float64))
        scale = structure.std(axis=0)
        scale[scale < 1e-3] = 1.0
        mean, scale = structure.mean(axis=0).astype(np.float32), scale.astype(np.float32)
        return cls(mean.astype(np.float64), scale.astype(np.float64))

    def columns(self, meaning: Doubles, structure: Doubles) -> Doubles:
        standard = np.clip((structure - self.mean) / self.scale, -STRUCTURE_LIMIT, STRUCTURE_LIMIT)
        return np.hstack((meaning * MEANING, standard * (STRUCTURE / np.sqrt(structure.shape[1]))))


@dataclass(frozen=True, slots=True)
class Rows:
    """What is fitted on: columns, the champion's logit, the target 0..1, and what each row weighs."""

    columns: Doubles
    logit: Doubles
    target: Doubles
    weight: Doubles

    def take(self, rows: NDArray[np.bool_]) -> Rows:
        return Rows(self.columns[rows], self.logit[rows], self.target[rows], self.weight[rows])

    def joined(self, other: Rows) -> Rows:
        pairs = zip(
            (self.columns, self.logit, self.target, self.weight),
            (other.columns, other.logit, other.target, other.weight),
            strict=True,
        )
        return Rows(*(np.concatenate(pair) for pair in pairs))

    @classmethod
    def of(cls, found: Evidence, scaling: Scaling, weight: Doubles) -> Rows:
        return cls(scaling.columns(found.meaning, found.structure), found.logit, found.share, weight)


@dataclass(frozen=True, slots=True)
class Fitted:
    """α, β and δ."""

    factor: float
    shift: float
    delta: Doubles

    def logits(self, rows: Rows) -> Doubles:
        out: Doubles = self.factor * rows.logit + self.shift + rows.columns @ self.delta
        return out


def fit(rows: Rows, anchors: Rows, strength: float) -> Fitted:
    """`anchors` are rehearsed: their weights are scaled to `REHEARSED` of all rows'."""
    scale = REHEARSED * float(rows.weight.sum()) / max(float(anchors.weight.sum()), 1e-9)
    both = rows.joined(replace(anchors, weight=anchors.weight * scale))
    fitted = _newton(both, strength, None)
    return fitted if fitted.factor >= LEAST_FACTOR else _newton(both, strength, LEAST_FACTOR)


def _newton(rows: Rows, strength: float, factor: float | None) -> Fitted:
    """Newton's method, each step halved until it helps. With `factor`, α is held there."""
    size = rows.columns.shape[1]
    design = np.hstack((rows.logit[:, None], np.ones((rows.logit.size, 1)), rows.columns))
    penalty = np.concatenate(([HOLD_FACTOR if factor is None else 1e9, HOLD_SHIFT], np.full(size, strength)))
    middle = np.concatenate(([1.0 if factor is None else factor, 0.0], np.zeros(size)))

    def loss(theta: Doubles) -> float:
        logits = design @ theta
        off = theta - middle
        return float(rows.weight @ (np.logaddexp(0.0, logits) - rows.target * logits) + 0.5 * penalty @ (off * off))

    theta, now = middle, loss(middle)
    for _ in range(ROUNDS):
        p = sigmoid(design @ theta)
        slope = design.T @ (rows.weight * (p - rows.target)) + penalty * (theta - middle)
        bend = (design * (rows.weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        share = 1.0
        while share > 1e-4 and loss(theta - share * step) > now:
            share /= 2
        theta = theta - share * step
        before, now = now, loss(theta)
        if before - now < 1e-7 * (1.0 + abs(now)):
            break
    return Fitted(float(theta[0]), float(theta[1]), theta[2:])


def head(champion: DifficultyModel, fitted: Fitted, scaling: Scaling, calibration: Calibration) -> DifficultyModel:
    """A model as any other: the champion's parts times α, and what was learned added to them.

    `calibration` is over the fit's logits, which are the model's score.
    """
    old = champion.calibration
    times = fitted.factor * old.slope
    parts: dict[str, Part] = {name: part.times(times) for name, part in champion.parts.items()}
    for name, part in _delta(fitted.delta, scaling).items():
        parts[name] = part.plus(parts[name]) if name in parts else part
    return replace(
        champion,
        parts=parts,
        bias=fitted.factor * (old.slope * champion.bias + old.shift) + fitted.shift,
        calibration=calibration,
        ends=champion.ends.times(times) if champion.ends is not None else None,
        card={LEARNED: {"root": root_of(champion), "factor": times * factor_of(champion)}},
    )


def sigmoid(logits: Doubles) -> Doubles:
    out: Doubles = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return out


def _delta(delta: Doubles, scaling: Scaling) -> Mapping[str, Part]:
    count = scaling.mean.size
    meaning, structure = delta[:-count] * MEANING, delta[-count:] * (STRUCTURE / np.sqrt(count))
    mean, scale = scaling.mean.astype(np.float32), scaling.scale.astype(np.float32)
    return {
        "meaning": MeaningPart(meaning.astype(np.float32)),
        "structure": StructurePart(structure.astype(np.float32), mean, scale),
    }
