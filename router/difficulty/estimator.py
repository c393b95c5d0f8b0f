"""The estimator: a difficulty model as it serves. The same numbers, laid out for one request at a time.

What a request costs is the number of things that are touched for it, more than their size. So all that is known of a
word is one row of one table (`lexicon.py`), and the structural numbers are weighed as they are found.
`DifficultyModel` says what is computed and can be fitted, added and stored; this computes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from router.content import Content
from router.difficulty import vectors
from router.difficulty.ends import Ends, reached
from router.difficulty.estimate import Difficulty
from router.difficulty.familiarity import enough
from router.difficulty.features import cut
from router.difficulty.lexicon import CUE_FLAGS, VECTOR, Columns, Lexicon, SideColumns, Words
from router.difficulty.model import SHIPPED, Calibration, DifficultyModel
from router.difficulty.parts import Part, StructurePart
from router.difficulty.shape import RELATION, shape_of
from router.difficulty.structure import Counts, Weighing
from router.difficulty.vectors import WordVectors
from router.difficulty.view import View, view_of_content

_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two linear scores, the core or the ends."""

    bias: float
    columns: SideColumns
    structure: Weighing | None

    def score(self, numbers: Sequence[float], length: float, counts: Counts) -> float:
        """`numbers`: those of a sum of rows. `length`: that of the words' vectors together, or 1 for 0."""
        score = self.bias
        meaning, words = self.columns
        if meaning is not None:
            score += meaning.total(numbers) / length
        if words is not None:
            square = words[1].total(numbers)
            if square > 0:
                score += words[0].total(numbers) / math.sqrt(square)
        return score if self.structure is None else score + self.structure.weigh(counts)

    @classmethod
    def of(cls, bias: float, parts: Mapping[str, Part], columns: SideColumns) -> Self:
        if unknown := parts.keys() - {"words", "meaning", "structure"}:
            raise TypeError(f"no way is known to serve part '{min(unknown)}'")
        structure = parts.get("structure")
        return cls(bias, columns, structure.weighing() if isinstance(structure, StructurePart) else None)


@dataclass(frozen=True, slots=True)
class Estimator:
    """`own`: where in the lexicon the model's numbers stand. `limit`: the most that the ends add. `least`: the
    share of known words below which an estimate abstains."""

    lexicon: Lexicon
    own: Columns
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
        numbers = self.lexicon.look_up(words, earlier)
        length = math.hypot(*numbers[VECTOR]) or 1.0
        cues = numbers[CUE_FLAGS]
        counts = view, encoded, count, len(words), cues, shape_of(view.task, encoded, cues[RELATION])
        score = self.core.score(numbers, length, counts)
        if self.limit:
            score += self.limit * reached(self.ends.score(numbers, length, counts))
        abstained = not enough(numbers[self.own.known], len(words), self.least)
        return _new(Difficulty, (self.calibration.probability(score), abstained))

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
        (made,) = cls.of_all((model,), word_vectors)
        return made

    @classmethod
    def of_all(cls, models: Sequence[DifficultyModel], word_vectors: WordVectors) -> list[Self]:
        """One for each, in their order; they share one lexicon. Each gives the same numbers as without the others."""
        sides = [(model.parts, model.ends.parts if model.ends else {}) for model in models]
        words = [Words(model.familiarity.known, parts) for model, parts in zip(models, sides, strict=True)]
        lexicon, columns = Lexicon.of(word_vectors, words)
        out = []
        for model, parts, own in zip(models, sides, columns, strict=True):
            ends = model.ends or Ends({}, 0.0, 0.0)
            core = Side.of(model.bias, parts[0], own.sides[0])
            other = Side.of(ends.bias, parts[1], own.sides[1])
            least = model.familiarity.least
            out.append(cls(lexicon, own, core, other, ends.limit, model.calibration, least))
        return out
