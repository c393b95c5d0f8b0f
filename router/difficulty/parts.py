"""Parts: a difficulty score is a sum of linear parts, each over its own kind of feature.

A further kind of feature is one more class here and one more line in `PARTS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.features import EARLIER_WEIGHT, Reading
from router.difficulty.structure import STRUCTURE_NAMES, Floats, Weighing
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.words import BUCKETS, Buckets

STRUCTURE_LIMIT = 4.0  # standard deviations; beyond, a structural number says no more
_LOW, _HIGH = np.float32(-STRUCTURE_LIMIT), np.float32(STRUCTURE_LIMIT)
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
class WordPart:
    """Weights over words, scaled to unit length: Σ vᵢ·idfᵢ·wᵢ / √Σ (vᵢ·idfᵢ)², v = 1, or less for earlier turns.

    Both arrays hold one number per bucket.
    """

    weights: Floats
    idf: Floats

    def score(self, reading: Reading) -> float:
        dot, square = self._sums(reading.words)
        if reading.earlier.size:
            more, longer = self._sums(reading.earlier)
            dot += EARLIER_WEIGHT * more
            square += EARLIER_WEIGHT * EARLIER_WEIGHT * longer
        return dot / math.sqrt(square) if square > 0 else 0.0

    def _sums(self, buckets: Buckets) -> tuple[float, float]:
        idf = self.idf.take(buckets)
        return float(idf.dot(self.weights.take(buckets))), float(idf.dot(idf))

    def times(self, factor: float) -> Self:
        return type(self)(self.weights * np.float32(factor), self.idf)

    def plus(self, other: Part) -> Self:
        if not isinstance(other, WordPart) or not np.array_equal(self.idf, other.idf):
            raise ValueError("parts over differently weighted features cannot be added")
        return type(self)(self.weights + other.weights, self.idf)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"weights": self.weights, "idf": self.idf}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        weights, idf = (_floats(arrays[name], BUCKETS) for name in ("weights", "idf"))
        return cls(weights, idf)


@dataclass(frozen=True, slots=True)
class StructurePart:
    """Weights over the standardised structural numbers."""

    weights: Floats
    mean: Floats
    scale: Floats
    _factor: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_factor", np.float32(1.0) / self.scale)

    def score(self, reading: Reading) -> float:
        return float(self.standard(reading.structure).dot(self.weights))

    def standard(self, structure: Floats) -> Floats:
        """Zero mean and unit variance on the training rows, clipped; also for a matrix with one row per prompt."""
        out: Floats = (structure - self.mean) * self._factor
        np.minimum(out, _HIGH, out=out)
        np.maximum(out, _LOW, out=out)
        return out

    def weighing(self) -> Weighing:
        """What scores as this does, with the scaling folded in: w·clip((x − mean) / scale, −4, 4) in terms of x."""
        weights, mean, scale = (array.astype(np.float64) for array in (self.weights, self.mean, self.scale))
        low, high = mean - STRUCTURE_LIMIT * scale, mean + STRUCTURE_LIMIT * scale
        slope = weights / scale
        zero = slope * np.clip(0.0, low, high)
        base = float((zero - slope * mean).sum())
        return Weighing.of(base, low.tolist(), high.tolist(), slope.tolist(), zero.tolist())

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
        if not (scale > 0).all():
            raise ValueError("a scale must be above 0")
        return cls(weights, mean, scale)


@dataclass(frozen=True, slots=True)
class MeaningPart:
    """Weights over the meaning, one per dimension."""

    weights: Floats

    def score(self, reading: Reading) -> float:
        return float(reading.meaning.dot(self.weights))

    def times(self, factor: float) -> Self:
        return type(self)(self.weights * np.float32(factor))

    def plus(self, other: Part) -> Self:
        if not isinstance(other, MeaningPart) or other.weights.shape != self.weights.shape:
            raise ValueError("parts over different features cannot be added")
        return type(self)(self.weights + other.weights)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"weights": self.weights}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(_floats(arrays["weights"], DIMENSIONS))


PARTS: dict[str, type[Part]] = {"words": WordPart, "meaning": MeaningPart, "structure": StructurePart}


def _floats(array: NDArray[np.generic], size: int) -> Floats:
    """Raises `ValueError` where the array is not `size` finite numbers. Stored in half precision, used in single."""
    out = array.astype(np.float32, copy=False)
    if out.shape != (size,) or not np.isfinite(out).all():
        raise ValueError(f"expected {size} finite numbers, found an array of shape {array.shape}")
    return out


def under(arrays: Arrays, name: str) -> dict[str, NDArray[np.generic]]:
    """The arrays whose names begin with `name.`, without it."""
    return {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{name}.")}
