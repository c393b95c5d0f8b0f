"""Pretraining: the model that ships, fitted on public sources and the supplement.

Two scores. The core ranks ordinary questions by what they mean and by their shape: it is fitted to the share of all
models known that fail, with each source half centred, so that which prompts of a source are harder than its others
counts for more than which source a prompt comes from. The ends (`ends.py`) tell the plainly everyday from the plainly
involved. What is left open (`Pretraining`) is chosen by leaving out one source after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from router.difficulty.ends import Ends, reached
from router.difficulty.evaluation import Doubles
from router.difficulty.familiarity import Familiarity
from router.difficulty.features import Reading, read
from router.difficulty.fitting import Design, Recipe, blank_parts, folds, platt, ridge
from router.difficulty.labels import Labels
from router.difficulty.matrix import Matrix
from router.difficulty.model import DifficultyModel
from router.difficulty.parts import MeaningPart, Part, StructurePart
from router.difficulty.structure import SHAPE, Floats
from router.difficulty.supplement import Example
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.view import view_of_text

FOLDS = 6  # of sources left out together


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows of several sources, all in the same order.

    `failing`: the share (0..1) of all models known that got the row wrong; it says how hard a prompt is with far less
    noise than the two models of a label. `group` numbers the source of each row.
    """

    readings: tuple[Reading, ...]
    labels: Labels
    failing: Doubles
    group: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> Corpus:
        labels = Labels(self.labels.weak[rows], self.labels.strong[rows])
        return Corpus(tuple(self.readings[row] for row in rows), labels, self.failing[rows], self.group[rows])


@dataclass(frozen=True, slots=True)
class Pretraining:
    """How the two scores are fitted: the core to public rows, the ends (`recipe`) to the supplement.

    `strength`, `shape` (how loud each number is beside the meaning) and `centring` (the share of a source's mean that
    is taken off its targets) are the core's, and so is `gain`: how much of what the large model gains on a source over
    the small one is put in its place. Without it, questions that no model can answer are sent to the large one.
    `everyday`: weight of one supplement row in the fit of the ends; `anchor`: of one public row, which is held at 0.
    """

    strength: float = 30.0
    shape: float = 0.1
    centring: float = 0.5
    gain: float = 0.2
    recipe: Recipe = field(default_factory=lambda: Recipe(strength=10.0, words=1.0, meaning=0.5, structure=0.5))
    everyday: float = 4.0
    anchor: float = 0.3
    limit: float = 0.5


@dataclass(frozen=True, slots=True)
class _Fit:
    """Everything that is fitted, as columns: the core's (`asked`) and the ends' (`design`), and what they aim at."""

    asked: Floats
    design: Design
    core: Doubles
    plain: Doubles
    core_weight: Doubles
    plain_weight: Doubles

    def core_fit(self, rows: NDArray[np.bool_], strength: float) -> tuple[Doubles, float]:
        kept = rows & (self.core_weight > 0)
        columns = sparse.csr_matrix(self.asked[kept])
        return ridge(columns, self.core[kept], self.core_weight[kept], strength)

    def ends_fit(self, rows: NDArray[np.bool_]) -> tuple[Doubles, float]:
        return ridge(self.design.columns[rows], self.plain[rows], self.plain_weight[rows], self.design.recipe.strength)

    def held_out(self, groups: NDArray[np.intp], how: Pretraining) -> Doubles:
        """Score of each row by a fit that saw neither the row nor its source."""
        out = np.zeros(self.core.size)
        fold = _source_folds(groups)
        for number in range(FOLDS):
            rows = fold != number
            core, bias = self.core_fit(rows, how.strength)
            ends, shift = self.ends_fit(rows)
            plain = self.design.columns[~rows] @ ends + shift
            out[~rows] = self.asked[~rows] @ core + bias + how.limit * np.array([reached(each) for each in plain])
        return out


def pretrain(corpus: Corpus, supplement: Sequence[Example], how: Pretraining) -> DifficultyModel:
    """Fits on all rows given; calibrates on predictions for rows held out of their own fit."""
    extra = [read(view_of_text(example.prompt)) for example in supplement]
    readings = (*corpus.readings, *extra)
    matrix = Matrix.of(readings)
    hard = np.array([float(example.hard) for example in supplement])
    fit = _fit(corpus, matrix, hard, how)
    every = np.ones(len(readings), dtype=np.bool_)
    core, bias = fit.core_fit(every, how.strength)
    plain, shift = fit.ends_fit(every)
    groups = np.concatenate((corpus.group, np.arange(len(extra)) + corpus.group.max() + 1))
    labels = Labels(
        np.concatenate((corpus.labels.weak, 1 - hard)), np.concatenate((corpus.labels.strong, np.ones(hard.size)))
    )
    weight = np.concatenate((_source_weight(corpus.group), np.full(hard.size, how.everyday)))
    blank = fit.design.blank["structure"]
    return DifficultyModel(
        _core_parts(core, blank, how),
        bias,
        platt(fit.held_out(groups, how), labels, weight),
        Familiarity.fitted(readings, _source_folds(groups)),
        ends=Ends(fit.design.parts(plain), shift, how.limit),
    )


def _columns(matrix: Matrix, blank: Part, shape: float) -> Floats:
    """What the core sees: the meaning, and the numbers of the shape alone of the structural ones."""
    if not isinstance(blank, StructurePart):
        raise TypeError("the core is fitted to structural numbers")
    numbers = blank.standard(matrix.structure)[:, SHAPE.start : SHAPE.stop]
    return np.hstack((matrix.meaning, numbers * np.float32(shape)))


def _core_parts(core: Doubles, blank: Part, how: Pretraining) -> dict[str, Part]:
    """The parts that give, summed, what `core` gives on `_columns`."""
    if not isinstance(blank, StructurePart):
        raise TypeError("the core is fitted to structural numbers")
    weights = np.zeros(blank.weights.size, np.float32)
    weights[SHAPE.start : SHAPE.stop] = core[DIMENSIONS:] * how.shape
    structure = StructurePart(weights, blank.mean, blank.scale)
    return {"meaning": MeaningPart(core[:DIMENSIONS].astype(np.float32)), "structure": structure}


def _fit(corpus: Corpus, matrix: Matrix, hard: Doubles, how: Pretraining) -> _Fit:
    failing = corpus.failing.copy()
    for group in np.unique(corpus.group):
        rows = corpus.group == group
        failing[rows] += how.gain * corpus.labels.gap[rows].mean() - how.centring * failing[rows].mean()
    public = _source_weight(corpus.group)
    blank = blank_parts(matrix)
    return _Fit(
        _columns(matrix, blank["structure"], how.shape),
        Design.of(matrix, how.recipe, blank),
        np.concatenate((failing, np.zeros(hard.size))),
        np.concatenate((np.zeros(failing.size), 2 * hard - 1)),
        np.concatenate((public, np.zeros(hard.size))),
        np.concatenate((public * how.anchor, np.full(hard.size, how.everyday))),
    )


def _source_weight(group: NDArray[np.intp]) -> Doubles:
    """Rows of small sources count for more than those of large ones."""
    out: Doubles = np.sqrt(500 / np.bincount(group)[group])
    return out


def _source_folds(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Drawn over the sources that there are, whatever numbers they have, so that each fold leaves out as many."""
    _, numbered = np.unique(groups, return_inverse=True)
    return folds(groups.size, FOLDS, numbered)
