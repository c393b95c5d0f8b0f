"""Features: what the difficulty model knows of a view. Hashed words, what they mean together, structural numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from router.difficulty import vectors
from router.difficulty.shape import RELATION, shape_of
from router.difficulty.structure import Floats, cues_of, structure_of
from router.difficulty.view import View
from router.difficulty.words import BUCKET_SHIFT, Buckets, Distinct, array_of, distinct, distinct_beside, words_of

FEATURES_VERSION = 4
EARLIER_WEIGHT: Final = 0.4  # of a word that stands only in earlier turns


@dataclass(frozen=True, slots=True)
class Reading:
    """One prompt as numbers.

    `words`: buckets of the task's distinct words. `earlier`: those of words that stand only in earlier turns.
    `meaning`: the words' vectors, summed and scaled to unit length. `structure` has one number per name in
    `STRUCTURE_NAMES`.
    """

    words: Buckets
    earlier: Buckets
    meaning: Floats
    structure: Floats


def cut(view: View) -> tuple[bytes, int, Distinct, Distinct]:
    """Where every estimate begins, when serving as when fitting: the task in UTF-8, how many words it has, the hashes
    of the distinct ones, and of those that stand only in earlier turns."""
    encoded = view.task.encode("utf-8", "replace")
    words = words_of(view.task, encoded)
    hashes = distinct(words)
    earlier: Distinct = []
    if view.earlier:
        earlier = distinct_beside(words_of(view.earlier, view.earlier.encode("utf-8", "replace")), hashes)
    return encoded, len(words), hashes, earlier


def read(view: View) -> Reading:
    """The features of a view; deterministic."""
    encoded, count, own, beside = cut(view)
    words, earlier = array_of(own), array_of(beside)
    buckets = words >> BUCKET_SHIFT
    cues = cues_of(buckets)
    return Reading(
        buckets,
        earlier >> BUCKET_SHIFT,
        vectors.shipped().meaning(words, earlier, EARLIER_WEIGHT),
        structure_of((view, encoded, count, buckets.size, cues, shape_of(view.task, encoded, cues[RELATION]))),
    )
