"""The ends: what is plainly everyday, and what is plainly involved, in four languages.

A second linear score, fitted to the supplement, with public questions held at 0. Its seventh power is what counts: near
the ends it decides, and in the middle, where ordinary questions are, it is silent. A linear sum of both scores was
measured to cost the ranking of ordinary questions most of what it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from router.difficulty.features import Reading
from router.difficulty.parts import PARTS, Arrays, Part, under

REACH: Final = 0.5  # a score at which a prompt is as plain as can be; those of the supplement are fitted to ±1
POWER: Final = 7  # odd, so that the sign stays; the higher, the more silent in the middle


@dataclass(frozen=True, slots=True)
class Ends:
    """`limit`: the most that the ends add to, or take from, the score of a model."""

    parts: Mapping[str, Part]
    bias: float
    limit: float

    def score(self, reading: Reading) -> float:
        plain = self.bias
        for part in self.parts.values():
            plain += part.score(reading)
        return self.limit * reached(plain)

    def times(self, factor: float) -> Ends:
        return replace(self, limit=self.limit * factor)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        out: dict[str, NDArray[np.generic]] = {"head": np.array([self.bias, self.limit], dtype=np.float64)}
        for name, part in self.parts.items():
            out |= {f"{name}.{key}": array for key, array in part.arrays().items()}
        return out

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Ends:
        """Raises `ValueError` or `KeyError` for arrays of another shape."""
        bias, limit = (float(number) for number in arrays["head"].astype(np.float64))
        if not np.isfinite([bias, limit]).all():
            raise ValueError(f"the ends' bias {bias} and limit {limit} must be finite")
        names = dict.fromkeys(key.partition(".")[0] for key in arrays if key != "head")
        return cls({name: PARTS[name].from_arrays(under(arrays, name)) for name in names}, bias, limit)


def reached(plain: float) -> float:
    """−1 (plainly everyday) … 1 (plainly involved)."""
    share = plain / REACH
    share = -1.0 if share < -1.0 else min(share, 1.0)
    square, power = share * share, share
    for _ in range(POWER // 2):
        power *= square
    return power
