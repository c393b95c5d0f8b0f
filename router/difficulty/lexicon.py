"""The lexicon: what a word adds to an estimate, one row of small integers per word.

A fitted model and the word vectors are many tables, each asked for every word. Serving asks this one, which all models
that serve share. A row holds the word's vector and its cue classes, then for each model whether it knows the word, and
the numbers of each `WordPart` as digits in base 256. Sums of such integers are exact in single precision, so they are
the same in any order, and whatever other models there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.parts import MeaningPart, Part, WordPart
from router.difficulty.structure import CUE_BUCKETS, Floats
from router.difficulty.vectors import DIMENSIONS, KEY_BITS, KEY_SHIFT, WordVectors
from router.difficulty.view import EARLIER_CHARS, TASK_CHARS
from router.difficulty.words import BUCKET_BITS, BUCKETS, MANY, Distinct

# In a row stand the word's vector, a flag per cue class, and then what models say.
VECTOR: Final = slice(0, DIMENSIONS)
CUE_FLAGS: Final = slice(DIMENSIONS, DIMENSIONS + len(CUES))
_DIGITS: Final = 4  # of a number, which leaves it more exact than single precision does
_LARGEST: Final = sum(127 << 8 * place for place in range(_DIGITS))
_PIECES: Final = 16
_KEYS_PER_BUCKET: Final = 1 << (KEY_BITS - BUCKET_BITS)
_MOST_WORDS: Final = max(TASK_CHARS, EARLIER_CHARS) // 2 + 1  # between two words there is a separator
_SHIFT: Final = np.array(KEY_SHIFT)  # to make an array of a plain number costs as much as the shift
Worth = tuple[float, float, float, float]
"""What a digit in each place is worth."""


class Words(NamedTuple):
    """What a model knows of words: `known`, one flag per bucket, and the parts of each of its sides."""

    known: NDArray[np.bool_]
    sides: Sequence[Mapping[str, Part]]


@dataclass(frozen=True, slots=True)
class Column:
    """One number of each word: where its digits stand, from `at` on, and what they are worth."""

    at: int
    worth: Worth

    def total(self, numbers: Sequence[float]) -> float:
        """The sum of this number over the words whose rows were summed up. `numbers`: those of that sum."""
        at, (a, b, c, d) = self.at, self.worth
        return numbers[at] * a + numbers[at + 1] * b + numbers[at + 2] * c + numbers[at + 3] * d


class SideColumns(NamedTuple):
    """What one side of a model says of a word: what its vector weighs, and the two that `WordPart` sums up."""

    meaning: Column | None
    words: tuple[Column, Column] | None


class Columns(NamedTuple):
    """Where in a row the numbers of one model stand. `known` is whether it knows the word."""

    known: int
    sides: tuple[SideColumns, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`rows`: key of a word → row of `table`."""

    rows: NDArray[np.unsignedinteger]
    table: NDArray[np.int8]
    _earlier: Floats  # how much of a row counts in earlier turns
    _ones: Floats
    _row: Sequence[int] = field(init=False, repr=False, compare=False)  # of `rows`, for a few words
    _few: tuple[Floats, ...] = field(init=False, repr=False, compare=False)  # so many ones

    def __post_init__(self) -> None:
        object.__setattr__(self, "_row", self.rows.data)
        object.__setattr__(self, "_few", tuple(self._ones[:count] for count in range(MANY)))

    def look_up(self, words: Distinct, earlier: Distinct) -> list[float]:
        """The sum of the words' rows; of words in earlier turns, only what counts there, and only so much of it."""
        total = self._sum(words)
        if len(earlier):
            total += self._earlier * self._sum(earlier)
        numbers: list[float] = total.tolist()
        return numbers

    def _sum(self, hashes: Distinct) -> Floats:
        """What is called of NumPy costs little by itself, but more than all else where other work is done in between:
        of a few words the rows are found without it."""
        out: Floats
        if isinstance(hashes, list):
            row, count = self._row, len(hashes)
            found = self.table.take(np.fromiter([row[each >> KEY_SHIFT] for each in hashes], np.intp, count), 0)
            out = self._few[count].dot(found)
        else:
            out = self._ones[: hashes.size].dot(self.table.take(self.rows.take(hashes >> _SHIFT), 0))
        return out

    @classmethod
    def of(cls, vectors: WordVectors, models: Sequence[Words]) -> tuple[Self, list[Columns]]:
        """With the columns of each model, in their order. Keeps nothing of either."""
        rows, buckets = _rows(vectors, *_unlike(models))
        table = _Table(np.zeros((buckets.size, _width(models)), np.int8), [])
        table.add(vectors.table, EARLIER_WEIGHT, first=1)
        for flags in _cues():
            table.add(flags[buckets, None], 0.0)
        columns = []
        for model in models:
            known, sides = table.stop, []
            table.add(model.known[buckets, None], 0.0)
            for side in model.sides:
                own = SideColumns(None, None)
                if meaning := _meaning_part(side):
                    own = own._replace(meaning=table.column(_weighed(vectors, meaning), EARLIER_WEIGHT, first=1))
                if part := _word_part(side):
                    idf = part.idf[buckets].astype(np.float64)
                    dot = table.column(idf * part.weights[buckets], EARLIER_WEIGHT)
                    own = own._replace(words=(dot, table.column(idf * idf, EARLIER_WEIGHT**2)))
                sides.append(own)
            columns.append(Columns(known, tuple(sides)))
        weights = np.array(table.earlier, np.float32)
        return cls(rows, table.numbers, weights, np.ones(_MOST_WORDS, np.float32)), columns


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as it is filled, column by column. `earlier`: how much of each column counts in earlier turns."""

    numbers: NDArray[np.int8]
    earlier: list[float]

    @property
    def stop(self) -> int:
        return len(self.earlier)

    def add(self, block: NDArray[np.int8 | np.bool_], earlier: float, first: int = 0) -> None:
        """`first`: the row of the block's first line; rows that it does not reach stay 0."""
        count, width = block.shape
        start = len(self.earlier)
        self.numbers[first : first + count, start : start + width] = block
        self.earlier.extend([earlier] * width)

    def column(self, numbers: NDArray[np.float64], earlier: float, first: int = 0) -> Column:
        """Adds a number of each row, as digits."""
        digits, worth = _digits(numbers)
        at = self.stop
        self.add(digits, earlier, first)
        return Column(at, worth)


def _meaning_part(side: Mapping[str, Part]) -> MeaningPart | None:
    part = side.get("meaning")
    return part if isinstance(part, MeaningPart) else None


def _weighed(vectors: WordVectors, part: MeaningPart) -> NDArray[np.float64]:
    """What each vector weighs; a piece of the table at a time, which to be multiplied takes eight times its memory."""
    weights = part.weights.astype(np.float64)
    return np.concatenate([piece.dot(weights) for piece in np.array_split(vectors.table, _PIECES)])


def _word_part(side: Mapping[str, Part]) -> WordPart | None:
    part = side.get("words")
    return part if isinstance(part, WordPart) else None


def _width(models: Sequence[Words]) -> int:
    sides = [side for model in models for side in model.sides]
    numbers = sum(bool(_meaning_part(side)) + 2 * bool(_word_part(side)) for side in sides)
    return CUE_FLAGS.stop + len(models) + numbers * _DIGITS


def _unlike(models: Sequence[Words]) -> tuple[int, NDArray[np.intp]]:
    """Most buckets hold no word of any model and are alike: one of them, and those that are unlike it."""
    alike = np.ones(BUCKETS, np.bool_)
    alike[list(frozenset().union(*CUE_BUCKETS))] = False
    for model in models:
        alike &= ~model.known
    plain = int(alike.argmax())
    for part in (_word_part(side) for model in models for side in model.sides):
        if part is not None:
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


def _cues() -> Iterator[NDArray[np.bool_]]:
    """Per bucket: is it of this cue class, one class after the other?"""
    for members in CUE_BUCKETS:
        flags = np.zeros(BUCKETS, np.bool_)
        flags[list(members)] = True
        yield flags


def _digits(numbers: NDArray[np.float64]) -> tuple[NDArray[np.int8], Worth]:
    """Digits −128 … 127 in base 256, a line per number, and what a digit in each place is worth."""
    least = float(np.abs(numbers).max()) / _LARGEST or 1.0
    rest = np.rint(numbers / least).astype(np.int64)
    out = np.empty((rest.size, _DIGITS), np.int8)
    for place in range(_DIGITS):
        out[:, place] = digit = (rest & 255).astype(np.uint8).view(np.int8)
        rest = (rest - digit) >> 8
    return out, (least, least * 256.0, least * 256.0**2, least * 256.0**3)
