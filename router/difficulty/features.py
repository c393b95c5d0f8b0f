"""Features: what the difficulty model knows of a view. Hashed words, what they mean together, structural numbers."""

from __future__ import annotations

from dataclasses import dataclass

from router.difficulty import vectors
from router.difficulty.structure import Floats, structure_of
from router.difficulty.view import View
from router.difficulty.words import BUCKET_SHIFT, Buckets, hashes_of, words_of

FEATURES_VERSION = 3
EARLIER_WEIGHT = 0.4  # of a word that stands only in earlier turns


@dataclass(frozen=True, slots=True)
class Reading:
    """One prompt as numbers.

    `words`: buckets of the task's distinct words, in the order in which they first stand there. `earlier`: those of
    words that stand only in earlier turns. `meaning`: the words' vectors, summed and scaled to unit length.
    `structure` has one number per name in `STRUCTURE_NAMES`.
    """

    words: Buckets
    earlier: Buckets
    meaning: Floats
    structure: Floats


_NONE = hashes_of(())


def read(view: View) -> Reading:
    """The features of a view; deterministic."""
    task = view.task
    encoded = task.encode("utf-8", "replace")
    words = words_of(task, encoded)
    distinct = dict.fromkeys(words)
    hashes = hashes_of(distinct)
    earlier = _NONE
    if view.earlier:
        before = dict.fromkeys(words_of(view.earlier, view.earlier.encode("utf-8", "replace")))
        earlier = hashes_of([word for word in before if word not in distinct])
    buckets = hashes >> BUCKET_SHIFT
    return Reading(
        buckets,
        earlier >> BUCKET_SHIFT,
        vectors.shipped().meaning(hashes, earlier, EARLIER_WEIGHT),
        structure_of(view, encoded, len(words), buckets),
    )
