"""Familiarity: whether a prompt is like what the model was fitted on. Where it is not, the estimate abstains.

The measure: the share of the prompt's distinct words that occurred in training. Below `least` (a low quantile over
rows of sources that were left out of the fit) the estimate is a guess and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.features import Reading
from router.difficulty.parts import Arrays
from router.difficulty.words import BUCKETS

UNFAMILIAR_QUANTILE = 0.01  # of rows like those of training are called unfamiliar
LEAST, MOST = 0.3, 0.6  # bounds of the share of known words below which an estimate abstains


@dataclass(frozen=True, slots=True)
class Familiarity:
    """`known`: one flag per bucket of word hashes. `least`: the share of known words from which on one is answered."""

    known: NDArray[np.bool_]
    least: float

    def share(self, reading: Reading) -> float:
        """Share of the task's distinct words that are known, 0..1; 0 for no words at all."""
        return self._known(reading) / max(1, reading.words.size)

    def _known(self, reading: Reading) -> int:
        return int(np.count_nonzero(self.known.take(reading.words)))

    def knows(self, reading: Reading) -> bool:
        return enough(self._known(reading), reading.words.size, self.least)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"known": np.packbits(self.known), "least": np.array([self.least], dtype=np.float64)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Raises `ValueError` or `KeyError` for arrays of another shape."""
        packed = arrays["known"]
        if packed.dtype != np.uint8 or packed.shape != (BUCKETS // 8,):
            raise ValueError(f"familiarity: expected {BUCKETS} packed flags, found {packed.shape}")
        (least,) = arrays["least"].astype(np.float64)
        return cls(np.unpackbits(packed.astype(np.uint8)).astype(np.bool_), float(least))

    @classmethod
    def fitted(cls, readings: Sequence[Reading], fold: NDArray[np.intp]) -> Self:
        """Knows the words of all readings; `least` is a low quantile of the share known of a fold left out."""
        shares = []
        for number in range(int(fold.max()) + 1):
            inside = cls(_flags(reading for reading, own in zip(readings, fold, strict=True) if own != number), 0.0)
            shares += [inside.share(reading) for reading, own in zip(readings, fold, strict=True) if own == number]
        return cls(_flags(readings), float(np.clip(np.quantile(shares, UNFAMILIAR_QUANTILE), LEAST, MOST)))

    def joined(self, other: Familiarity) -> Familiarity:
        """Knows what either knows, and is as demanding as the less demanding of the two."""
        return Familiarity(self.known | other.known, min(self.least, other.least))


def enough(known: float, words: int, least: float) -> bool:
    """Whether so many known words, of so many distinct ones, are like what was trained on. No words are not."""
    return words > 0 and known / words >= least > 0


def _flags(readings: Iterable[Reading]) -> NDArray[np.bool_]:
    known = np.zeros(BUCKETS, dtype=np.bool_)
    for reading in readings:
        known[reading.words] = True
    return known
