"""Structure: what a prompt looks like, as numbers. Lengths, marks, cue words, the shape of the request.

Most of the numbers are 0 (of twenty kinds of marks a prompt has three), and a model only needs their weighted sum. So
they are not written down but weighed as they are found; for fitting they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.shape import SHAPE_NAMES
from router.difficulty.view import View
from router.difficulty.words import Buckets, bucket_of

Floats = NDArray[np.float32]
SHORT_PROMPT: Final = 8  # words; a shorter one is a short prompt
_MARKS: dict[str, bytes] = {
    "digit": b"0123456789",
    "upper": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "newline": b"\n",
    "question": b"?",
    "exclamation": b"!",
    "round": b"()",
    "square": b"[]",
    "curly": b"{}",
    "angle": b"<>",
    "equals": b"=",
    "plus_minus": b"+-",
    "times": b"*/",
    "power": b"^|&%~",
    "backslash": b"\\",
    "dollar": b"$",
    "underscore": b"_",
    "code": b"`#@",
    "quote": b"\"'",
    "comma": b",",
    "stop": b".",
    "colon": b":;",
    "non_ascii": bytes(range(128, 256)),
}
_COUNTED = ("length", "words", "distinct", "system", "tools", "turns", "word_length", "repeated", "clipped", "short")
_SCALARS = (*_COUNTED, *SHAPE_NAMES)
STRUCTURE_NAMES: tuple[str, ...] = (
    *_SCALARS,
    *(f"log_{name}" for name in _MARKS),
    *(f"share_{name}" for name in _MARKS),
    *(f"cue_{name}" for name in CUES),
    *(f"has_{name}" for name in CUES),
)
Counts = tuple[View, bytes, int, int, Sequence[float], Sequence[float]]
"""What the numbers are computed from: a view, its task in UTF-8, how many words that has, how many distinct ones, of
these how many are in each cue class, and the shape (`shape_of`)."""
# Where each kind of number stands among the names.
_SCALAR: Final = range(len(_SCALARS))
SHAPE = range(len(_COUNTED), len(_SCALARS))
_LOG: Final = range(_SCALAR.stop, _SCALAR.stop + len(_MARKS))
_SHARE: Final = range(_LOG.stop, _LOG.stop + len(_MARKS))
_ROOT: Final = range(_SHARE.stop, _SHARE.stop + len(CUES))
_FLAG: Final = range(_ROOT.stop, _ROOT.stop + len(CUES))


def _mark_table() -> bytes:
    """Byte → number of its group of marks; bytes of no group are dropped first."""
    table = bytearray(256)
    for number, members in enumerate(_MARKS.values()):
        for byte in members:
            table[byte] = number
    return bytes(table)


_MARK_TABLE: Final = _mark_table()
_GROUPS: Final = tuple(bytes([number]) for number in range(len(_MARKS)))
_UNMARKED: Final = bytes(sorted(set(range(256)).difference(*_MARKS.values())))
CUE_BUCKETS: Final = tuple(frozenset(map(bucket_of, words.split())) for words in CUES.values())
"""The buckets of each cue class."""


def cues_of(buckets: Buckets) -> list[int]:
    """How many of the words are in each cue class."""
    found = buckets.tolist()
    return [sum(bucket in members for bucket in found) for members in CUE_BUCKETS]


def scalars_of(counts: Counts) -> list[float]:
    """One number per name in `_SCALARS`."""
    view, encoded, count, distinct, _, shape = counts
    return [
        log(1.0 + view.task_length),
        log(1.0 + count),
        log(1.0 + distinct),
        log(1.0 + view.system_length),
        log(1.0 + view.tool_length),
        log(1.0 + max(0, view.turns - 1)),
        len(encoded) / (count or 1),
        1.0 - distinct / (count or 1),
        1.0 if view.task_length > len(view.task) else 0.0,
        1.0 if count < SHORT_PROMPT else 0.0,
        *shape,
    ]


def marks_of(encoded: bytes) -> list[tuple[int, int]]:
    """Groups of marks that occur, by their number in `_MARKS`, and how many marks of each."""
    groups = []
    found = encoded.translate(_MARK_TABLE, _UNMARKED)
    while found:  # one group after the other
        group = found[0]
        rest = found.translate(None, _GROUPS[group])
        groups.append((group, len(found) - len(rest)))
        found = rest
    return groups


@dataclass(frozen=True, slots=True)
class Weighing:
    """A weighted sum of the structural numbers. A number x weighs slope·clip(x, low, high) − zero, which is nothing
    where x is 0; most are 0, so a prompt costs only those that it has."""

    base: float  # what a prompt weighs whose numbers are all 0
    scalars: tuple[tuple[float, float, float, float], ...]  # low, high, slope, zero
    marks: tuple[tuple[float, float, float, float, float, float, float], ...]  # of the log, of the share, zero of both
    cues: tuple[tuple[float, float, float, float], ...]  # `zero` less the weight of the flag, which is 1 with any cue

    def weigh(self, counts: Counts) -> float:
        total = self.base
        for name, x in enumerate(scalars_of(counts)):
            if x:
                low, high, slope, zero = self.scalars[name]
                total += slope * (low if x < low else high if x > high else x) - zero
        if not self.marks:  # a model that weighs nothing but scalars
            return total
        each = 1.0 / (len(counts[1]) or 1)
        for name, number in marks_of(counts[1]):
            low, high, slope, least, most, steep, zero = self.marks[name]
            x, share = log(1.0 + number), number * each
            total += slope * (low if x < low else high if x > high else x) - zero
            total += steep * (least if share < least else most if share > most else share)
        each = 1.0 / (counts[3] or 1)
        for name, words in enumerate(counts[4]):
            if words:
                low, high, slope, zero = self.cues[name]
                x = sqrt(words * each)
                total += slope * (low if x < low else high if x > high else x) - zero
        return total

    @classmethod
    def of(
        cls, base: float, low: Sequence[float], high: Sequence[float], slope: Sequence[float], zero: Sequence[float]
    ) -> Self:
        """One item per name in `STRUCTURE_NAMES`. `zero`: what a number weighs that is 0; `base` is their sum, and what
        is added to all."""
        flags = zip(_ROOT, _FLAG, strict=True)
        flag = {root: zero[at] - slope[at] * min(max(1.0, low[at]), high[at]) for root, at in flags}
        scalars = tuple((low[at], high[at], slope[at], zero[at]) for at in _SCALAR)
        if not any(slope[at] for at in range(_SCALAR.stop, len(slope))):
            return cls(base, scalars, (), ())
        return cls(
            base,
            scalars,
            tuple(
                (low[log], high[log], slope[log], low[share], high[share], slope[share], zero[log] + zero[share])
                for log, share in zip(_LOG, _SHARE, strict=True)
            ),
            tuple((low[at], high[at], slope[at], zero[at] + flag[at]) for at in _ROOT),
        )


def structure_of(counts: Counts) -> Floats:
    """One number per name in `STRUCTURE_NAMES`."""
    numbers = np.zeros(len(STRUCTURE_NAMES), np.float32)
    numbers[_SCALAR.start : _SCALAR.stop] = scalars_of(counts)
    for group, number in marks_of(counts[1]):
        numbers[_LOG[group]], numbers[_SHARE[group]] = log(1.0 + number), number / len(counts[1])
    for place, words in enumerate(counts[4]):
        if words:
            numbers[_ROOT[place]], numbers[_FLAG[place]] = sqrt(words / counts[3]), 1.0
    return numbers
