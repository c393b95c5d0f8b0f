"""Pretraining: the model that ships, fitted on public sources and the supplement.

Each source is centred: what is learned is which prompts of a source are harder than its others, not which source a
prompt comes from. Only a part of the difference between sources is kept (`between`), measured by `Labels.share`, which
does not call a source hard where both models fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles
from router.difficulty.familiarity import Familiarity
from router.difficulty.features import Reading, read
from router.difficulty.fitting import Design, Recipe, blank_parts, folds, platt, ridge
from router.difficulty.labels import Labels
from router.difficulty.matrix import Matrix
from router.difficulty.model import DifficultyModel
from router.difficulty.supplement import Example
from router.difficulty.view import view_of_text

FOLDS = 6  # of sources left out together


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows of several sources. `group` numbers the source of each row; all three are in the same order."""

    readings: tuple[Reading, ...]
    labels: Labels
    group: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> Corpus:
        labels = Labels(self.labels.weak[rows], self.labels.strong[rows])
        return Corpus(tuple(self.readings[row] for row in rows), labels, self.group[rows])


@dataclass(frozen=True, slots=True)
class Pretraining:
    """`between`: how much of the difference between sources is kept; `everyday`: weight of one supplement row."""

    recipe: Recipe = field(default_factory=lambda: Recipe(strength=10.0, structure=0.5))
    between: float = 0.3
    everyday: float = 4.0
    swing: float = 0.5  # target of a hard supplement prompt; an easy one has the negative


def pretrain(corpus: Corpus, supplement: Sequence[Example], how: Pretraining) -> DifficultyModel:
    """Fits on all rows given; calibrates on predictions for rows held out of their own fit."""
    extra = [read(view_of_text(example.prompt)) for example in supplement]
    readings = (*corpus.readings, *extra)
    matrix = Matrix.of(readings)
    target, weight = _targets(corpus, supplement, how)
    design = Design.of(matrix, how.recipe, blank_parts(matrix))
    coefficients, bias = ridge(design.columns, target, weight, how.recipe.strength)
    groups = np.concatenate((corpus.group, np.arange(len(extra)) + corpus.group.max() + 1))
    held_out = _held_out(design, target, weight, groups)
    hard = np.array([float(example.hard) for example in supplement])
    labels = Labels(
        np.concatenate((corpus.labels.weak, 1 - hard)), np.concatenate((corpus.labels.strong, np.ones(hard.size)))
    )
    familiarity = Familiarity.fitted(readings, _source_folds(groups))
    return DifficultyModel(design.parts(coefficients), bias, platt(held_out, labels, weight), familiarity)


def _targets(corpus: Corpus, supplement: Sequence[Example], how: Pretraining) -> tuple[Doubles, Doubles]:
    """Target and weight per row, public rows first. Small sources count for more per row than large ones."""
    labels = corpus.labels
    target = np.zeros(len(corpus.readings))
    weight = np.zeros(len(corpus.readings))
    overall = float(np.average(labels.share, weights=labels.weight + 1e-9))
    for group in np.unique(corpus.group):
        rows = corpus.group == group
        level = float(np.average(labels.share[rows], weights=labels.weight[rows] + 1e-9)) - overall
        target[rows] = labels.gap[rows] - labels.gap[rows].mean() + how.between * level
        weight[rows] = np.sqrt(500 / rows.sum())
    swing = np.array([how.swing if example.hard else -how.swing for example in supplement])
    return np.concatenate((target, swing)), np.concatenate((weight, np.full(swing.size, how.everyday)))


def _held_out(design: Design, target: Doubles, weight: Doubles, groups: NDArray[np.intp]) -> Doubles:
    """Score of each row by a fit that saw neither the row nor its source."""
    out = np.zeros(target.size)
    fold = _source_folds(groups)
    for number in range(FOLDS):
        inside = fold != number
        coefficients, bias = ridge(design.columns[inside], target[inside], weight[inside], design.recipe.strength)
        out[~inside] = design.columns[~inside] @ coefficients + bias
    return out


def _source_folds(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    return folds(groups.size, FOLDS, groups)
