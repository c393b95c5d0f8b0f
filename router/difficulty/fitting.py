"""Fitting: readings and targets in, linear parts out. Ridge regression by scikit-learn, imported only when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from router.difficulty.evaluation import Doubles
from router.difficulty.labels import Labels
from router.difficulty.matrix import Matrix, idf, tfidf
from router.difficulty.model import Calibration
from router.difficulty.parts import MeaningPart, Part, StructurePart, WordPart

MIN_SLOPE = 0.05  # a fit that found nothing keeps its ranking, but hardly moves the probability


@dataclass(frozen=True, slots=True)
class Recipe:
    """How strongly to regularise, and how loud each kind of feature is against the others."""

    strength: float = 10.0
    words: float = 1.0
    meaning: float = 0.3
    structure: float = 0.5


@dataclass(frozen=True, slots=True)
class Design:
    """The matrix that a ridge is fitted on, and how to turn its coefficients back into parts."""

    columns: sparse.csr_matrix
    recipe: Recipe
    blank: Mapping[str, Part]  # parts with weights 0

    @classmethod
    def of(cls, matrix: Matrix, recipe: Recipe, blank: Mapping[str, Part]) -> Design:
        blocks = []
        for name, part in blank.items():
            if isinstance(part, StructurePart):
                scale = recipe.structure / np.sqrt(matrix.structure.shape[1])
                blocks.append(sparse.csr_matrix(part.standard(matrix.structure) * np.float32(scale)))
            elif isinstance(part, WordPart):
                blocks.append(tfidf(matrix.words, part.idf) * np.float32(recipe.words))
            elif isinstance(part, MeaningPart):
                blocks.append(sparse.csr_matrix(matrix.meaning * np.float32(recipe.meaning)))
            else:
                raise TypeError(f"no columns are known for part '{name}'")
        return cls(sparse.csr_matrix(sparse.hstack(blocks)), recipe, blank)

    def parts(self, coefficients: Doubles) -> dict[str, Part]:
        """The parts that give, summed, the product of `columns` and `coefficients`."""
        out: dict[str, Part] = {}
        start = 0
        for name, part in self.blank.items():
            if isinstance(part, StructurePart):
                size = part.weights.size
                scale = self.recipe.structure / np.sqrt(size)
                weights = (coefficients[start : start + size] * scale).astype(np.float32)
                out[name] = StructurePart(weights, part.mean, part.scale)
            elif isinstance(part, WordPart):
                size = part.weights.size
                out[name] = WordPart(
                    (coefficients[start : start + size] * self.recipe.words).astype(np.float32), part.idf
                )
            elif isinstance(part, MeaningPart):
                size = part.weights.size
                out[name] = MeaningPart((coefficients[start : start + size] * self.recipe.meaning).astype(np.float32))
            else:
                raise TypeError(f"no columns are known for part '{name}'")
            start += size
        return out


def blank_parts(matrix: Matrix) -> dict[str, Part]:
    """Parts with weights 0 whose idf, mean and scale come from these rows."""
    scale = matrix.structure.std(axis=0)
    scale[scale < 1e-4] = 1.0
    mean = matrix.structure.mean(axis=0)
    return {
        "words": WordPart(_zeros(matrix.words.shape[1]), idf(matrix.words)),
        "meaning": MeaningPart(_zeros(matrix.meaning.shape[1])),
        "structure": StructurePart(_zeros(matrix.structure.shape[1]), mean, scale),
    }


def ridge(columns: sparse.csr_matrix, target: Doubles, weight: Doubles, strength: float) -> tuple[Doubles, float]:
    """Coefficients and intercept; `weight` per row, `strength` the penalty on the squared coefficients."""
    model = Ridge(alpha=strength, solver="sparse_cg", tol=1e-4)
    model.fit(columns, target, sample_weight=weight)
    return np.asarray(model.coef_, dtype=np.float64).ravel(), float(model.intercept_)


def platt(scores: Doubles, labels: Labels, weight: Doubles) -> Calibration:
    """A sigmoid fitted to soft labels: each row counts as `share` hard, 1 − `share` easy. Scores are held out."""
    share, mass = labels.share, labels.weight * weight
    hard = np.concatenate((np.ones(scores.size), np.zeros(scores.size)))
    masses = np.concatenate((mass * share, mass * (1 - share)))
    rate = float(np.clip((mass * share).sum() / max(float(mass.sum()), 1e-9), 0.01, 0.99))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    kept = masses > 0
    slope, shift = MIN_SLOPE, float(np.log(rate / (1 - rate)))
    if np.unique(hard[kept]).size == 2:
        doubled = np.concatenate((scores, scores))[:, None] - middle
        model = LogisticRegression(C=100.0).fit(doubled[kept] / spread, hard[kept], sample_weight=masses[kept])
        if model.coef_[0, 0] > MIN_SLOPE:
            slope, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
    return Calibration(slope / spread, shift - slope * middle / spread)


def folds(rows: int, count: int, groups: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """A fold number per row, drawn from a fixed stream; rows of one group share a fold."""
    random = np.random.Generator(np.random.PCG64(7))
    if groups is None:
        return random.permutation(np.arange(rows) % count)
    size = int(groups.max()) + 1
    return random.permutation(np.arange(size) % count)[groups]


def _zeros(size: int) -> NDArray[np.float32]:
    return np.zeros(size, dtype=np.float32)
