"""The lexicon: what a word adds to an estimate, one row of small integers per word.

A fitted model and the word vectors are many tables, each asked for every word. Serving asks this one. A row holds the
word's vector, whether it is known, its cue classes, and the numbers of each `WordPart` as digits in base 256. Sums of
such integers are exact in single precision, so they are the same in any order, and from a sum of rows one product reads
what the tables would have said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.parts import MeaningPart, Part, WordPart
from router.difficulty.structure import CUE_BUCKETS, Floats
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
        words = [part for side in sides if isinstance(part := side.get("words"), WordPart)]
        rows, buckets = _rows(vectors, *_unlike(known, words))
        table = np.zeros((buckets.size, _FLAGS.stop + 2 * _DIGITS * len(words)), np.int8)
        table[1 : vectors.keys.size + 1, _VECTOR] = vectors.table
        for place, flags in zip(_FLAGS, _flags(known), strict=True):
            table[:, place] = flags[buckets]
        readout = np.zeros((len(_FLAGS) + 3 * len(sides), table.shape[1]), np.float32)
        readout[: len(_FLAGS), _FLAGS.start : _FLAGS.stop] = np.eye(len(_FLAGS))
        earlier = np.zeros(table.shape[1], np.float32)
        earlier[_VECTOR] = EARLIER_WEIGHT
        start = _FLAGS.stop
        for side, lines in zip(sides, np.split(readout[len(_FLAGS) :], len(sides)), strict=True):
            if isinstance(part := side.get("meaning"), MeaningPart):
                lines[0, _VECTOR] = part.weights
            if isinstance(part := side.get("words"), WordPart):
                idf = part.idf[buckets].astype(np.float64)
                for power, numbers in ((1, idf * part.weights[buckets]), (2, idf * idf)):
                    places = slice(start, start + _DIGITS)
                    table[:, places], lines[power, places] = _digits(numbers)
                    earlier[places] = EARLIER_WEIGHT**power
                    start += _DIGITS
        return cls(rows, table, readout, earlier, np.ones(_MOST_WORDS, np.float32))


def _unlike(known: NDArray[np.bool_], parts: Sequence[WordPart]) -> tuple[int, NDArray[np.intp]]:
    """Most buckets hold no word of the model and are alike: one of them, and those that are unlike it."""
    alike = ~known
    alike[list(frozenset().union(*CUE_BUCKETS))] = False
    plain = int(alike.argmax())
    for part in parts:
        alike &= (part.idf == part.idf[plain]) & (part.weights == part.weights[plain])
    return plain, np.flatnonzero(~alike)


def _rows(
    vectors: WordVectors, plain: int, unlike: NDArray[np.intp]
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.intp]]:
    """Key → row, and the bucket of each row. Row 0 is for words of plain buckets. Each word with a vector has a row,
    for the vector and what its bucket says, and each bucket that is unlike the plain one, for its other words."""
    first = vectors.keys.size + 1
    count = first + unlike.size
    buckets = np.empty(count, np.intp)
    buckets[0], buckets[first:] = plain, unlike
    buckets[vectors.rows + 1] = vectors.keys // _KEYS_PER_BUCKET
    rows = np.zeros(1 << KEY_BITS, np.min_scalar_type(count - 1))
    by_bucket = rows.reshape(BUCKETS, _KEYS_PER_BUCKET)
    by_bucket[unlike] = np.arange(first, count)[:, None]
    rows[vectors.keys] = vectors.rows + 1
    return rows, buckets


def _flags(known: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Per bucket: is it of this cue class, one class after the other; at last, is it known?"""
    for members in CUE_BUCKETS:
        flags = np.zeros(BUCKETS, np.bool_)
        flags[list(members)] = True
        yield flags
    yield known


def _digits(numbers: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Digits −128 … 127 in base 256, a line per number, and what a digit in each place is worth."""
    least = float(np.abs(numbers).max()) / _LARGEST or 1.0
    rest = np.rint(numbers / least).astype(np.int64)
    out = np.empty((rest.size, _DIGITS), np.int8)
    for place in range(_DIGITS):
        out[:, place] = digit = (rest & 255).astype(np.uint8).view(np.int8)
        rest = (rest - digit) >> 8
    return out, np.array([least * 256.0**place for place in range(_DIGITS)])
