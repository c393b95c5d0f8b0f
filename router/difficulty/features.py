"""Features: what the difficulty model knows of a view. Hashed words and n-grams, and a few structural numbers.

The seam for richer features: a part of the model (`parts.py`) reads a `Reading`, so a table of word vectors is one more
part that looks `words` up, and nothing here changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.hashing import Hashed, Hashes, bigrams, grams, hash_text, hash_word
from router.difficulty.view import View

Floats = NDArray[np.float32]
Buckets = NDArray[np.int32]

FEATURES_VERSION = 1
WORD_BITS = 16  # buckets for words and pairs of words
GRAM_BITS = 15  # buckets for character n-grams
GRAM_SIZES = (4,)
EARLIER_WEIGHT = 0.4  # of a word that stands only in earlier turns
CUE_BITS = 18


def _upper() -> list[int]:
    return [*b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


_BYTE_GROUPS: dict[str, list[int]] = {
    "digit": [*b"0123456789"],
    "upper": _upper(),
    "newline": [*b"\n"],
    "question_mark": [*b"?"],
    "bracket": [*b"()[]{}<>"],
    "operator": [*b"=+-*/^|&%~"],
    "backslash_dollar": [*b"\\$"],
    "underscore_backtick": [*b"_`#;"],
    "quote": [*b"\"'"],
    "comma": [*b","],
    "stop": [*b".!:"],
    "non_ascii": [*range(128, 256)],
}
_COUNTED = len(_BYTE_GROUPS)
_CUE_NAMES = tuple(CUES)
STRUCTURE_NAMES: tuple[str, ...] = (
    "log_length",
    "log_words",
    "log_lines",
    "log_digits",
    "log_questions",
    "log_system",
    "log_tools",
    "log_turns",
    "word_length",
    "long_words",
    "distinct_words",
    "numbers",
    "clipped",
    "very_short",
    *(f"share_{name}" for name in _BYTE_GROUPS),
    *(f"cue_{name}" for name in _CUE_NAMES),
    *(f"has_{name}" for name in _CUE_NAMES),
)


def _group_matrix() -> Floats:
    matrix = np.zeros((256, _COUNTED), dtype=np.float32)
    for column, group in enumerate(_BYTE_GROUPS.values()):
        matrix[group, column] = 1.0
    return matrix


def _cue_masks() -> NDArray[np.uint32]:
    """Bucket of a word → bit set of the cue classes it is in."""
    masks = np.zeros(1 << CUE_BITS, dtype=np.uint32)
    for number, words in enumerate(CUES.values()):
        for word in words.split():
            masks[hash_word(word) >> (64 - CUE_BITS)] |= np.uint32(1 << number)
    return masks


_GROUPS = _group_matrix()
_CUES = _cue_masks()
_CUE_BITS_OF = np.arange(len(_CUE_NAMES), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Reading:
    """One prompt as numbers.

    `words` are the task's token hashes in order (for tables of word vectors); `word_buckets`/`word_values` and
    `gram_buckets` are the distinct hashed features; `structure` has one number per name in `STRUCTURE_NAMES`.
    """

    words: Hashes
    word_buckets: Buckets
    word_values: Floats
    gram_buckets: Buckets
    structure: Floats


def read(view: View) -> Reading:
    """The features of a view; deterministic, some 80 µs for an ordinary prompt."""
    task = hash_text(view.task)
    buckets = _word_buckets(task.words)
    values = np.ones(buckets.size, dtype=np.float32)
    if view.earlier:
        earlier = np.setdiff1d(_word_buckets(hash_text(view.earlier).words), buckets, assume_unique=True)
        buckets = np.concatenate((buckets, earlier))
        values = np.concatenate((values, np.full(earlier.size, EARLIER_WEIGHT, dtype=np.float32)))
    hashes = np.concatenate([grams(task.folded, size) for size in GRAM_SIZES]) >> np.uint32(32 - GRAM_BITS)
    return Reading(task.words, buckets, values, _distinct(hashes.astype(np.int32)), _structure(view, task))


def _distinct(numbers: Buckets) -> Buckets:
    """Sorted, each once. numpy sorts 32-bit integers with vector instructions; `unique` is ten times slower here."""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _word_buckets(words: Hashes) -> Buckets:
    both = np.concatenate((words, bigrams(words)))
    return _distinct((both >> np.uint64(64 - WORD_BITS)).astype(np.int32))


def _structure(view: View, task: Hashed) -> Floats:
    out = np.zeros(len(STRUCTURE_NAMES), dtype=np.float32)
    raw = np.frombuffer(view.task.encode("utf-8", "replace"), dtype=np.uint8)
    groups = np.bincount(raw, minlength=256).astype(np.float32) @ _GROUPS
    size = max(1, raw.size)
    words = max(1, task.words.size)
    masks = _CUES[task.words >> np.uint64(64 - CUE_BITS)]
    cues = ((masks[masks != 0][:, None] >> _CUE_BITS_OF) & np.uint32(1)).sum(axis=0)
    out[:8] = np.log1p(
        (
            view.task_length,
            task.words.size,
            groups[2],
            groups[0],
            groups[3],
            view.system_length,
            view.tool_length,
            max(0, view.turns - 1),
        )
    )
    out[8] = raw.size / words
    out[9] = np.count_nonzero(task.lengths > 8) / words
    out[10] = _distinct((task.words >> np.uint64(33)).astype(np.int32)).size / words
    out[11] = np.count_nonzero(task.numbers) / words
    out[12] = float(view.task_length > len(view.task))
    out[13] = float(task.words.size < 8)
    base = 14
    out[base : base + _COUNTED] = groups / size
    base += _COUNTED
    out[base : base + len(_CUE_NAMES)] = np.sqrt(cues / words)
    out[base + len(_CUE_NAMES) :] = cues > 0
    return out
