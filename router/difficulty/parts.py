"""Parts: a difficulty score is a sum of linear parts, each over its own kind of feature.

A further kind of feature (a table of word vectors, say) is one more class here and one more line in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.features import GRAM_BITS, STRUCTURE_NAMES, WORD_BITS, Buckets, Floats, Reading

STRUCTURE_LIMIT = 4.0  # standard deviations; beyond, a structural number says no more
Arrays = Mapping[str, NDArray[np.generic]]


class Part(Protocol):
    """A linear function of a reading; `arrays` and `from_arrays` are its form on disk."""

    def score(self, reading: Reading) -> float: ...

    def times(self, factor: float) -> Self:
        """The same part with its weights multiplied."""
        ...

    def plus(self, other: Part) -> Self:
        """The sum with a part of the same kind and the same scaling of features. Raises `ValueError` otherwise."""
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]: ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self: ...


@dataclass(frozen=True, slots=True)
class _Hashed:
    """Weights over hashed features of unit length: Σ vᵢ·idfᵢ·wᵢ / √Σ (vᵢ·idfᵢ)². Both arrays: one number per bucket."""

    weights: Floats
    idf: Floats

    def times(self, factor: float) -> Self:
        return type(self)(self.weights * np.float32(factor), self.idf)

    def plus(self, other: Part) -> Self:
        if not isinstance(other, _Hashed) or type(other) is not type(self) or not np.array_equal(self.idf, other.idf):
            raise ValueError("parts over differently weighted features cannot be added")
        return type(self)(self.weights + other.weights, self.idf)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"weights": self.weights, "idf": self.idf}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        weights, idf = (_floats(arrays[name], cls._size()) for name in ("weights", "idf"))
        return cls(weights, idf)

    @classmethod
    def _size(cls) -> int:
        raise NotImplementedError

    def _dot(self, buckets: Buckets, values: Floats | None) -> float:
        if buckets.size == 0:
            return 0.0
        tfidf = self.idf[buckets]
        if values is not None:
            tfidf *= values
        length = float(tfidf @ tfidf) ** 0.5
        return float(tfidf @ self.weights[buckets]) / length if length > 0 else 0.0


class WordPart(_Hashed):
    """Words and pairs of neighbouring words."""

    __slots__ = ()

    @classmethod
    def _size(cls) -> int:
        return 1 << WORD_BITS

    def score(self, reading: Reading) -> float:
        return self._dot(reading.word_buckets, reading.word_values)


class GramPart(_Hashed):
    """Character n-grams: what is left of a word that was never seen."""

    __slots__ = ()

    @classmethod
    def _size(cls) -> int:
        return 1 << GRAM_BITS

    def score(self, reading: Reading) -> float:
        return self._dot(reading.gram_buckets, None)


@dataclass(frozen=True, slots=True)
class StructurePart:
    """Weights over the standardised structural numbers."""

    weights: Floats
    mean: Floats
    scale: Floats

    def score(self, reading: Reading) -> float:
        return float(self.standard(reading.structure) @ self.weights)

    def standard(self, structure: Floats) -> Floats:
        """Zero mean and unit variance on the training rows, clipped; also for a matrix with one row per prompt."""
        out: Floats = np.clip((structure - self.mean) / self.scale, -STRUCTURE_LIMIT, STRUCTURE_LIMIT)
        return out

    def times(self, factor: float) -> Self:
        return type(self)(self.weights * np.float32(factor), self.mean, self.scale)

    def plus(self, other: Part) -> Self:
        if (
            not isinstance(other, StructurePart)
            or not np.array_equal(self.mean, other.mean)
            or not np.array_equal(self.scale, other.scale)
        ):
            raise ValueError("parts over differently scaled features cannot be added")
        return type(self)(self.weights + other.weights, self.mean, self.scale)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"weights": self.weights, "mean": self.mean, "scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        size = len(STRUCTURE_NAMES)
        weights, mean, scale = (_floats(arrays[name], size) for name in ("weights", "mean", "scale"))
        return cls(weights, mean, scale)


PARTS: dict[str, type[Part]] = {"words": WordPart, "grams": GramPart, "structure": StructurePart}


def _floats(array: NDArray[np.generic], size: int) -> Floats:
    """Raises `ValueError` where the array is not `size` finite numbers. Stored in half precision, used in single."""
    out = array.astype(np.float32)
    if out.shape != (size,) or not np.isfinite(out).all():
        raise ValueError(f"expected {size} finite numbers, found an array of shape {array.shape}")
    return out
