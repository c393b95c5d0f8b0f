"""Training on own traffic: labelled rows in, a model fitted to them out, with figures on rows it had not seen.

No centring here: where the rows come from one route, what tells its prompts apart is what is wanted. A prior is taken
over with the weight that the rows themselves give it, which may be none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles, Interval, apgr, auroc, ece, interval
from router.difficulty.familiarity import Familiarity
from router.difficulty.features import Reading, read
from router.difficulty.fitting import Design, Recipe, blank_parts, folds, platt, ridge
from router.difficulty.labels import Labels
from router.difficulty.matrix import Matrix
from router.difficulty.model import Calibration, DifficultyModel
from router.difficulty.parts import Part
from router.difficulty.view import View

MIN_ROWS = 50
FOLDS = 5
STRENGTHS = (10.0, 30.0, 100.0)


class CannotTrain(ValueError):
    """The rows do not allow a fit; the message says why."""


@dataclass(frozen=True, slots=True)
class Figures:
    """With 95 % bootstrap intervals over rows. `hard`: rows on which the strong model does better."""

    hard: int
    apgr: Interval
    auroc: Interval
    ece: Interval

    def card(self) -> dict[str, list[float] | None]:
        return {"apgr": self.apgr.card(), "auroc": self.auroc.card(), "ece": self.ece.card()}


@dataclass(frozen=True, slots=True)
class Trained:
    """The model, its figures on held-out rows, the prior's on the same rows, and what the rows chose."""

    model: DifficultyModel
    figures: Figures
    prior_figures: Figures | None
    strength: float
    prior_weight: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One way to fit. `kept` is the prior that is taken over, if any; its raw score is one more column."""

    design: Design
    prior_scores: Doubles | None
    kept: DifficultyModel | None

    def fit(self, target: Doubles, rows: NDArray[np.bool_]) -> tuple[Doubles, float, float]:
        """Coefficients, intercept and the weight of the prior (0 or more)."""
        offset = 0.0
        scores = self.prior_scores
        if scores is not None:
            centred = scores[rows] - scores[rows].mean()
            offset = max(0.0, float(centred @ target[rows]) / (float(centred @ centred) + 1.0))
            target = target - offset * scores
        weight = np.ones(int(rows.sum()))
        coefficients, bias = ridge(self.design.columns[rows], target[rows], weight, self.design.recipe.strength)
        return coefficients, bias, offset

    def predict(self, fitted: tuple[Doubles, float, float], rows: NDArray[np.bool_]) -> Doubles:
        coefficients, bias, offset = fitted
        out: Doubles = self.design.columns[rows] @ coefficients + bias
        return out if self.prior_scores is None else out + offset * self.prior_scores[rows]


def train(views: Sequence[View], labels: Labels, prior: DifficultyModel | None = None) -> Trained:
    """Fits on all rows; strength and use of the prior are chosen, and figures taken, by cross-validation.

    Rows with the same prompt are never on both sides. Raises `CannotTrain` for fewer than `MIN_ROWS` rows, and for rows
    on which the strong model is never better than the weak one.
    """
    if len(views) < MIN_ROWS:
        raise CannotTrain(f"{len(views)} rows, at least {MIN_ROWS} are needed")
    if float(labels.gap.sum()) <= 0:
        raise CannotTrain("the strong model is not better than the weak one on these rows: nothing to route for")
    readings = [read(view) for view in views]
    fold = folds(len(views), FOLDS, _same_prompt(views))
    held_out, best = _choose(_candidates(readings, prior), labels.gap, fold)
    fitted = best.fit(labels.gap, np.ones(len(views), dtype=np.bool_))
    weight = np.ones(len(views))
    model = _model(best, fitted, Familiarity.fitted(readings, fold), platt(held_out, labels, weight))
    prior_figures = None
    if prior is not None:
        scores = np.array([prior.score(reading) for reading in readings])
        prior_figures = figures(_probabilities(prior.calibration, scores), labels)
    calibrated = _cross_calibrated(held_out, labels, fold)
    return Trained(model, figures(calibrated, labels), prior_figures, best.design.recipe.strength, fitted[2])


def figures(probability: Doubles, labels: Labels) -> Figures:
    """Figures of an estimate on labelled rows."""
    gap, hard, share, weight = labels.gap, labels.gap > 0, labels.share, labels.weight
    count = probability.size
    return Figures(
        int(hard.sum()),
        interval(lambda rows: apgr(probability[rows], gap[rows]), count),
        interval(lambda rows: auroc(probability[rows], hard[rows]), count),
        interval(lambda rows: ece(probability[rows], share[rows], weight[rows]), count),
    )


def _candidates(readings: Sequence[Reading], prior: DifficultyModel | None) -> list[_Candidate]:
    matrix = Matrix.of(readings)
    base = Recipe()
    blank = blank_parts(matrix)
    out = [_Candidate(Design.of(matrix, replace(base, strength=s), blank), None, None) for s in STRENGTHS]
    if prior is not None:
        scores = np.array([prior.score(reading) for reading in readings])
        shared = {**blank, **{name: part.times(0.0) for name, part in prior.parts.items()}}
        out += [_Candidate(Design.of(matrix, replace(base, strength=s), shared), scores, prior) for s in STRENGTHS]
    return out


def _choose(candidates: Sequence[_Candidate], target: Doubles, fold: NDArray[np.intp]) -> tuple[Doubles, _Candidate]:
    """The candidate with the smallest squared error on rows held out of its fit, and its scores for them."""
    best: tuple[float, Doubles, _Candidate] | None = None
    for candidate in candidates:
        scores = np.zeros(target.size)
        for number in range(FOLDS):
            rows = fold != number
            scores[~rows] = candidate.predict(candidate.fit(target, rows), ~rows)
        error = float(np.square(scores - target).mean())
        if best is None or error < best[0]:
            best = error, scores, candidate
    if best is None:
        raise CannotTrain("no candidate to choose from")
    return best[1], best[2]


def _model(
    candidate: _Candidate,
    fitted: tuple[Doubles, float, float],
    familiarity: Familiarity,
    calibration: Calibration,
) -> DifficultyModel:
    coefficients, bias, offset = fitted
    parts: Mapping[str, Part] = candidate.design.parts(coefficients)
    prior, ends = candidate.kept, None
    if prior is not None:
        old = {name: part.times(offset) for name, part in prior.parts.items()}
        parts = {name: part.plus(old[name]) if name in old else part for name, part in parts.items()}
        bias += offset * prior.bias
        familiarity = familiarity.joined(prior.familiarity)
        ends = prior.ends.times(offset) if prior.ends is not None and offset else None
    return DifficultyModel(parts, bias, calibration, familiarity, ends=ends)


def _cross_calibrated(scores: Doubles, labels: Labels, fold: NDArray[np.intp]) -> Doubles:
    """Probabilities of rows by a calibration that did not see them."""
    out = np.zeros(scores.size)
    for number in range(FOLDS):
        rows = fold != number
        inside = Labels(labels.weak[rows], labels.strong[rows])
        out[~rows] = _probabilities(platt(scores[rows], inside, np.ones(int(rows.sum()))), scores[~rows])
    return out


def _probabilities(calibration: Calibration, scores: Doubles) -> Doubles:
    return np.array([calibration.probability(score) for score in scores])


def _same_prompt(views: Sequence[View]) -> NDArray[np.intp]:
    """A number per distinct view, for folds that keep copies of a prompt together."""
    numbers: dict[View, int] = {}
    return np.array([numbers.setdefault(view, len(numbers)) for view in views], dtype=np.intp)
