"""Many readings as matrices, for fitting only. Needs scipy, so nothing that serves imports this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from router.difficulty.features import EARLIER_WEIGHT, Reading
from router.difficulty.structure import Floats
from router.difficulty.words import BUCKETS


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row per prompt: distinct words (raw values; two words may share a bucket), meaning, structural numbers."""

    words: sparse.csr_matrix
    meaning: Floats
    structure: Floats

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Self:
        indices = [np.concatenate((r.words, r.earlier)) for r in readings]
        values = [
            np.repeat(np.array([1.0, EARLIER_WEIGHT], np.float32), (r.words.size, r.earlier.size)) for r in readings
        ]
        ends = np.cumsum([0, *(row.size for row in indices)])
        shape = (len(readings), BUCKETS)
        words = sparse.csr_matrix((np.concatenate(values), np.concatenate(indices), ends), shape=shape)
        return cls(words, np.stack([r.meaning for r in readings]), np.stack([r.structure for r in readings]))

    def take(self, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Matrix:
        return Matrix(self.words[rows], self.meaning[rows], self.structure[rows])


def idf(matrix: sparse.csr_matrix) -> Floats:
    """Smoothed inverse document frequency, ln((1 + n) / (1 + df)) + 1 (as scikit-learn's TfidfTransformer)."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    out: Floats = (np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
    return out


def tfidf(matrix: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
    """Values times idf, rows of unit length, as `parts.WordPart` computes it."""
    values = matrix.data * weights[matrix.indices]
    sizes = np.diff(matrix.indptr)
    square = np.bincount(np.repeat(np.arange(sizes.size), sizes), weights=values * values, minlength=sizes.size)
    length = np.sqrt(np.where(square > 0, square, 1.0))
    scaled = (values / np.repeat(length, sizes)).astype(np.float32)
    return sparse.csr_matrix((scaled, matrix.indices, matrix.indptr), shape=matrix.shape)
