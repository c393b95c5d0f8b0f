"""A prompt as specialists see it: which words it has, and what it looks like. Nothing of the system prompt or of tools.

Words count by what they are and by what they mean; both are numbers per word, so a domain is one table over words.
"""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

from router.difficulty.features import EARLIER_WEIGHT, cut
from router.difficulty.shape import SHAPE_NAMES
from router.difficulty.structure import Counts
from router.difficulty.vectors import KEY_SHIFT
from router.difficulty.view import View
from router.difficulty.words import Hashes, array_of

HEAD_CHARS, TAIL_CHARS = 1_200, 600  # of a longer turn both ends are read: enough to tell what it is about
FEW = 3.0  # words that every prompt has besides its own, so that a single one says little

_NO_SHAPE: Final = (0.0,) * len(SHAPE_NAMES)  # tells exam questions apart; domains are told no better by it


class Prompt(NamedTuple):
    """`keys` are those of the task's distinct words, `earlier` those of words that stand only in earlier turns. Sums
    over both are divided by `length`. `counts` is what the structural numbers are computed from."""

    keys: Hashes
    earlier: Hashes
    length: float
    counts: Counts


def prompt_of(view: View) -> Prompt:
    """Cue words are words, so they are not counted once more; system prompts and tools are the same for every domain of
    a route, and examples have none."""
    text = view.task
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
    task = View(text, "", view.task_length)
    encoded, count, own, beside = cut(View(text, view.earlier))
    words, earlier = array_of(own), array_of(beside)
    length = sqrt(words.size + EARLIER_WEIGHT * earlier.size + FEW)
    counts = task, encoded, count, words.size, (), _NO_SHAPE
    return Prompt(words >> KEY_SHIFT, earlier >> KEY_SHIFT, length, counts)
