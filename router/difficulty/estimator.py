"""The estimator: a difficulty model as it serves. The same numbers, laid out for one request at a time.

What a request costs is the number of things that are touched for it, more than their size. So all that is known of a
word is one row of one table (`lexicon.py`), and the structural numbers are weighed as they are found.
`DifficultyModel` says what is computed and can be fitted, added and stored; this computes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from router.content import Content
from router.difficulty import vectors
from router.difficulty.ends import Ends, reached
from router.difficulty.estimate import Difficulty
from router.difficulty.familiarity import enough
from router.difficulty.features import cut
from router.difficulty.lexicon import Lexicon
from router.difficulty.model import SHIPPED, Calibration, DifficultyModel
from router.difficulty.parts import Part, StructurePart
from router.difficulty.shape import RELATION, shape_of
from router.difficulty.structure import Counts, Weighing
from router.difficulty.vectors import WordVectors
from router.difficulty.view import View, view_of_content


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two linear scores, the core or the ends: its part that is not read from the lexicon."""

    bias: float
    structure: Weighing | None

    def score(self, meaning: float, dot: float, square: float, counts: Counts) -> float:
        """`dot`, `square`: sums over words as in `WordPart`."""
        score = self.bias + meaning
        if square > 0:
            score += dot / math.sqrt(square)
        return score if self.structure is None else score + self.structure.weigh(counts)

    @classmethod
    def of(cls, bias: float, parts: Mapping[str, Part]) -> Self:
        if unknown := parts.keys() - {"words", "meaning", "structure"}:
            raise TypeError(f"no way is known to serve part '{min(unknown)}'")
        structure = parts.get("structure")
        return cls(bias, structure.weighing() if isinstance(structure, StructurePart) else None)


@dataclass(frozen=True, slots=True)
class Estimator:
    """`limit`: the most that the ends add. `least`: the share of known words below which an estimate abstains."""

    lexicon: Lexicon
    core: Side
    ends: Side
    limit: float
    calibration: Calibration
    least: float

    def estimate(self, content: Content) -> Difficulty:
        """Deterministic; some 0.01 ms for a short prompt. Depends on the user's turns and the shape of the rest."""
        return self.estimate_view(view_of_content(content))

    def estimate_view(self, view: View) -> Difficulty:
        encoded, count, words, earlier = cut(view)
        (*cues, known, core, dot, square, ends, end_dot, end_square), length = self.lexicon.look_up(words, earlier)
        counts = view, encoded, count, words.size, cues, shape_of(view.task, encoded, cues[RELATION])
        score = self.core.score(core / length, dot, square, counts)
        if self.limit:
            score += self.limit * reached(self.ends.score(ends / length, end_dot, end_square, counts))
        return Difficulty(self.calibration.probability(score), not enough(known, words.size, self.least))

    @classmethod
    def shipped(cls) -> Self:
        """The model inside the package."""
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        return cls.of(DifficultyModel.load(directory), WordVectors.load(vectors.SHIPPED))

    @classmethod
    def of(cls, model: DifficultyModel, word_vectors: WordVectors) -> Self:
        """Keeps nothing of either."""
        ends = model.ends or Ends({}, 0.0, 0.0)
        return cls(
            Lexicon.of(word_vectors, model.familiarity.known, (model.parts, ends.parts)),
            Side.of(model.bias, model.parts),
            Side.of(ends.bias, ends.parts),
            ends.limit,
            model.calibration,
            model.familiarity.least,
        )
