"""The lexicon: what a word adds to an estimate, one row of small integers per word.

A fitted model and the word vectors are many tables, each asked for every word. Serving asks this one. A row holds the
word's vector, whether it is known, its cue classes, and the numbers of each `WordPart` as digits in base 256. Sums of
such integers are exact in single precision, so they are the same in any order, and from a sum of rows one product reads
what the tables would have said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.parts import MeaningPart, Part, WordPart
from router.difficulty.structure import CUE_CLASSES, Floats
from router.difficulty.vectors import DIMENSIONS, KEY_BITS, KEY_SHIFT, WordVectors
from router.difficulty.view import EARLIER_CHARS, TASK_CHARS
from router.difficulty.words import BUCKET_BITS, BUCKETS, Hashes

# Places in a row: the vector, a flag per cue class, the flag of known words, then digits.
_VECTOR = slice(0, DIMENSIONS)
_FLAGS = range(DIMENSIONS, DIMENSIONS + len(CUES) + 1)
_DIGITS = 4  # of a number, which leaves it more exact than single precision does
_LARGEST = sum(127 << 8 * place for place in range(_DIGITS))
_KEYS_PER_BUCKET = 1 << (KEY_BITS - BUCKET_BITS)
_MOST_WORDS = max(TASK_CHARS, EARLIER_CHARS) // 2 + 1  # between two words there is a separator
_SHIFT = np.array(KEY_SHIFT)  # to make an array of a plain number costs as much as the shift


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`rows`: key of a word → row of `table`. `readout`: what is read from a sum of rows, one line per number."""

    rows: NDArray[np.unsignedinteger]
    table: NDArray[np.int8]
    readout: Floats
    _earlier: Floats  # how much of a row counts in earlier turns
    _ones: Floats

    def look_up(self, words: Hashes, earlier: Hashes) -> tuple[list[float], float]:
        """How many words are in each cue class, how many are known, and of each side three sums: over the meaning, and
        those two that `WordPart` divides. After that list, the length that the meaning is divided by, not 0."""
        total = self._sum(words)
        if earlier.size:
            total += self._earlier * self._sum(earlier)
        vector = total[_VECTOR]
        return self.readout.dot(total).tolist(), math.sqrt(vector.dot(vector)) or 1.0

    def _sum(self, hashes: Hashes) -> Floats:
        found = self.table.take(self.rows.take(hashes >> _SHIFT), 0)
        out: Floats = self._ones[: hashes.size].dot(found)
        return out

    @classmethod
    def of(cls, vectors: WordVectors, known: NDArray[np.bool_], sides: Sequence[Mapping[str, Part]]) -> Self:
        """`known`: one flag per bucket. `sides`: parts of which those over words and their meaning are taken over."""
        columns = [*_flags(known)]
        for side in sides:
            for numbers in _numbers(side):
                columns.extend(_digits(numbers))
        # Most buckets hold no word of the model and are alike; they share row 0. A bucket that is unlike them has a row,
        # and so has every word with a vector, which says what its bucket says and the vector.
        plain = int(np.argmin(np.any(columns[: len(_FLAGS)], axis=0)))
        unlike = np.flatnonzero(np.any([column != column[plain] for column in columns], axis=0))
        rows, buckets = _rows(vectors, plain, unlike)
        table = np.zeros((buckets.size, DIMENSIONS + len(columns)), np.int8)
        table[: len(vectors.table), _VECTOR] = vectors.table
        for place, column in enumerate(columns, DIMENSIONS):
            table[:, place] = column[buckets]
        readout, earlier = _readout(sides, table.shape[1])
        return cls(rows, table, readout, earlier, np.ones(_MOST_WORDS, np.float32))


def _rows(
    vectors: WordVectors, plain: int, unlike: NDArray[np.intp]
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.intp]]:
    """Key → row, and the bucket of each row: the plain one, those of words with a vector, those unlike the others."""
    first = len(vectors.table)
    count = first + unlike.size
    rows = vectors.rows.astype(np.min_scalar_type(count - 1))
    keys = np.flatnonzero(rows)
    buckets = np.empty(count, np.intp)
    buckets[0], buckets[first:] = plain, unlike
    buckets[rows[keys]] = keys // _KEYS_PER_BUCKET
    by_bucket = rows.reshape(BUCKETS, _KEYS_PER_BUCKET)
    own = np.arange(first, count, dtype=rows.dtype)[:, None]
    by_bucket[unlike] = np.where(by_bucket[unlike] == 0, own, by_bucket[unlike])
    return rows, buckets


def _flags(known: NDArray[np.bool_]) -> NDArray[np.int8]:
    """A line per flag, a column per bucket."""
    out = np.zeros((len(_FLAGS), BUCKETS), np.int8)
    for bucket, names in CUE_CLASSES.items():
        out[list(names), bucket] = 1
    out[-1] = known
    return out


def _numbers(side: Mapping[str, Part]) -> list[NDArray[np.float64]]:
    """What `WordPart` sums over words, per bucket."""
    words = side.get("words")
    if not isinstance(words, WordPart):
        return []
    idf = words.idf.astype(np.float64)
    return [idf * words.weights, idf * idf]


def _scale(numbers: NDArray[np.float64]) -> float:
    """The value of the least digit."""
    return float(np.abs(numbers).max()) / _LARGEST or 1.0


def _digits(numbers: NDArray[np.float64]) -> NDArray[np.int8]:
    """Digits −128 … 127 in base 256, a line per place, the least first."""
    rest = np.rint(numbers / _scale(numbers)).astype(np.int64)
    out = np.empty((_DIGITS, rest.size), np.int8)
    for line in out:
        line[:] = (rest & 255).astype(np.uint8).view(np.int8)
        rest = (rest - line) >> 8
    return out


def _readout(sides: Sequence[Mapping[str, Part]], width: int) -> tuple[Floats, Floats]:
    """The lines in the order of `look_up`, and how much each place counts in earlier turns."""
    lines = np.zeros((len(_FLAGS) + 3 * len(sides), width), np.float32)
    earlier = np.zeros(width, np.float32)
    earlier[_VECTOR] = EARLIER_WEIGHT
    lines[: len(_FLAGS), _FLAGS.start : _FLAGS.stop] = np.eye(len(_FLAGS))
    start = _FLAGS.stop
    for number, side in enumerate(sides):
        line = len(_FLAGS) + 3 * number
        meaning = side.get("meaning")
        if isinstance(meaning, MeaningPart):
            lines[line, _VECTOR] = meaning.weights
        for power, numbers in enumerate(_numbers(side), 1):
            places = slice(start, start + _DIGITS)
            lines[line + power, places] = _scale(numbers) * 256.0 ** np.arange(_DIGITS)
            earlier[places] = EARLIER_WEIGHT**power
            start += _DIGITS
    return lines, earlier
