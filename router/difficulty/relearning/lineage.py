"""Lineage: what one head would have said, from what another one said.

A sample has no words, so no head can be asked about it again. But heads that were learned from one another differ only
in what they make of meaning and structure, which the sample has; what words add is the same in all of them, times a
factor. So from the probability that the head in service gave then, that of any other of the family follows.
"""

from __future__ import annotations

import math
from typing import Any

from router.difficulty.features import Reading
from router.difficulty.model import DifficultyModel
from router.difficulty.parts import MeaningPart, StructurePart

LEARNED = "learned"  # the entry of a card
_LEAST = 1e-6


def root_of(model: DifficultyModel) -> str:
    """The checksum of what a family began with: of the model itself, where it was not learned from another."""
    return str(_learned(model).get("root") or model.card.get("sha256", ""))


def factor_of(model: DifficultyModel) -> float:
    """How much the root's words count in the model's score."""
    return float(_learned(model).get("factor", 1.0))


def carried(difficulty: float, reading: Reading, served: DifficultyModel, other: DifficultyModel) -> float:
    """The logit of `other`'s probability, given the one of `served`. Both have the same root."""
    p = min(max(difficulty, _LEAST), 1 - _LEAST)
    logit = math.log(p / (1 - p))
    if served is other:
        return logit
    score = (logit - served.calibration.shift) / served.calibration.slope
    rest = (score - _plain(served, reading)) * factor_of(other) / factor_of(served)
    return other.calibration.slope * (rest + _plain(other, reading)) + other.calibration.shift


def _plain(model: DifficultyModel, reading: Reading) -> float:
    """The part of the score that needs no words."""
    kinds = (MeaningPart, StructurePart)
    return model.bias + sum(part.score(reading) for part in model.parts.values() if isinstance(part, kinds))


def _learned(model: DifficultyModel) -> dict[str, Any]:
    found = model.card.get(LEARNED)
    return found if isinstance(found, dict) else {}
