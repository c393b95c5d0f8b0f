"""Many readings as sparse matrices, for fitting only. Needs scipy, so nothing that serves imports this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from router.difficulty.features import GRAM_BITS, WORD_BITS, Floats, Reading


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row per prompt: distinct hashed words and grams (raw values) and the structural numbers."""

    words: sparse.csr_matrix
    grams: sparse.csr_matrix
    structure: Floats

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Self:
        words = _rows([(r.word_buckets, r.word_values) for r in readings], 1 << WORD_BITS)
        grams = _rows([(r.gram_buckets, np.ones(r.gram_buckets.size, np.float32)) for r in readings], 1 << GRAM_BITS)
        return cls(words, grams, np.stack([r.structure for r in readings]))

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Matrix:
        return Matrix(self.words[rows], self.grams[rows], self.structure[rows])


def idf(matrix: sparse.csr_matrix) -> Floats:
    """Smoothed inverse document frequency, ln((1 + n) / (1 + df)) + 1 (as scikit-learn's TfidfTransformer)."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    out: Floats = (np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
    return out


def tfidf(matrix: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
    """Values times idf, rows of unit length, as `parts._Hashed` computes it."""
    scaled = matrix @ sparse.diags(weights)
    length = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    length[length == 0] = 1.0
    return sparse.csr_matrix(sparse.diags(1.0 / length) @ scaled)


def _rows(rows: Sequence[tuple[np.ndarray, np.ndarray]], columns: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(buckets.size for buckets, _ in rows)])
    indices = np.concatenate([buckets for buckets, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return sparse.csr_matrix((values, indices, ends), shape=(len(rows), columns))
