"""Features: what the difficulty model knows of a view. Hashed words and n-grams, and a few structural numbers.

The seam for richer features: a part of the model (`parts.py`) reads a `Reading`, so a table of word vectors is one more
part that looks `words` up, and nothing here changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

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
GRAM_SIZE = 4  # bytes
EARLIER_WEIGHT = 0.4  # of a word that stands only in earlier turns
CUE_BITS = 18
LONG_WORD = 8  # bytes; a longer one is a long word
SHORT_PROMPT = 8  # words; a shorter one is a short prompt


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
_SCALARS = 13  # structural numbers before the shares of byte groups
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
    "numbers",
    "clipped",
    "very_short",
    *(f"share_{name}" for name in _BYTE_GROUPS),
    *(f"cue_{name}" for name in CUES),
    *(f"has_{name}" for name in CUES),
)


def _group_matrix() -> Floats:
    matrix = np.zeros((256, _COUNTED), dtype=np.float32)
    for column, group in enumerate(_BYTE_GROUPS.values()):
        matrix[group, column] = 1.0
    return matrix


def _cue_table() -> tuple[NDArray[np.uint8], Floats]:
    """Bucket of a word → number of its set of cue classes; and a matrix, set of classes × class."""
    classes: dict[int, set[int]] = {}
    for number, words in enumerate(CUES.values()):
        for word in words.split():
            classes.setdefault(hash_word(word) >> (64 - CUE_BITS), set()).add(number)
    sets = [frozenset[int](), *dict.fromkeys(frozenset(each) for each in classes.values())]
    table = np.zeros(1 << CUE_BITS, dtype=np.uint8)
    for bucket, members in classes.items():
        table[bucket] = sets.index(frozenset(members))
    matrix = np.zeros((len(sets), len(CUES)), dtype=np.float32)
    for row, each in enumerate(sets):
        matrix[row, list(each)] = 1.0
    return table, matrix


_GROUPS = _group_matrix()
_CUES, _CUE_MATRIX = _cue_table()


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


def read(view: View, *, with_grams: bool = True) -> Reading:
    """The features of a view; deterministic. `with_grams` false leaves the n-grams out, a quarter of the work."""
    task = hash_text(view.task)
    buckets = _word_buckets(task.words)
    values = np.ones(buckets.size, dtype=np.float32)
    if view.earlier:
        earlier = np.setdiff1d(_word_buckets(hash_text(view.earlier).words), buckets, assume_unique=True)
        buckets = np.concatenate((buckets, earlier))
        values = np.concatenate((values, np.full(earlier.size, EARLIER_WEIGHT, dtype=np.float32)))
    windows = _gram_buckets(task) if with_grams else np.empty(0, dtype=np.int32)
    return Reading(task.words, buckets, values, windows, _structure(view, task))


def _gram_buckets(task: Hashed) -> Buckets:
    return _distinct((grams(task.folded, GRAM_SIZE) >> np.uint32(32 - GRAM_BITS)).astype(np.int32))


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
    raw = np.frombuffer(view.task.encode("utf-8", "replace"), dtype=np.uint8)
    groups = np.bincount(raw, minlength=256).astype(np.float32) @ _GROUPS
    words = max(1, task.words.size)
    sets = np.bincount(_CUES[task.words >> np.uint64(64 - CUE_BITS)], minlength=_CUE_MATRIX.shape[0])
    sets[0] = 0
    cues = sets.astype(np.float32) @ _CUE_MATRIX
    out = np.empty(len(STRUCTURE_NAMES), dtype=np.float32)
    out[:_SCALARS] = (
        log1p(view.task_length),
        log1p(task.words.size),
        log1p(groups[2]),
        log1p(groups[0]),
        log1p(groups[3]),
        log1p(view.system_length),
        log1p(view.tool_length),
        log1p(max(0, view.turns - 1)),
        raw.size / words,
        np.count_nonzero(task.lengths > LONG_WORD) / words,
        task.numbers / words,
        float(view.task_length > len(view.task)),
        float(task.words.size < SHORT_PROMPT),
    )
    out[_SCALARS : _SCALARS + _COUNTED] = groups / max(1, raw.size)
    out[_SCALARS + _COUNTED : -len(CUES)] = np.sqrt(cues / words)
    out[-len(CUES) :] = cues > 0
    return out
