"""Structure: what a prompt looks like, as numbers. Lengths, marks, cue words, the shape of the request.

Most of the numbers are 0 (of twenty kinds of marks a prompt has three), and a model only needs their weighted sum. So
they are not written down but weighed as they are found; where a vector is wanted, as for fitting, its unit vectors are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, log1p, sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.view import View
from router.difficulty.words import Buckets, bucket_of

Floats = NDArray[np.float32]
W = Any
"""What a number is weighed with: a float, or an array of them."""

SHORT_PROMPT = 8  # words; a shorter one is a short prompt
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
_SCALARS = ("length", "words", "distinct", "system", "tools", "turns", "word_length", "repeated", "clipped", "short")
STRUCTURE_NAMES: tuple[str, ...] = (
    *_SCALARS,
    *(f"log_{name}" for name in _MARKS),
    *(f"share_{name}" for name in _MARKS),
    *(f"cue_{name}" for name in CUES),
    *(f"has_{name}" for name in CUES),
)
Counts = tuple[View, bytes, int, int, Sequence[float]]
"""What the numbers are computed from: a view, its task in UTF-8, how many words that has, how many distinct ones, and
of these how many are in each cue class."""
# Where each kind of number stands among the names.
_SCALAR = range(len(_SCALARS))
_LOG = range(_SCALAR.stop, _SCALAR.stop + len(_MARKS))
_SHARE = range(_LOG.stop, _LOG.stop + len(_MARKS))
_ROOT = range(_SHARE.stop, _SHARE.stop + len(CUES))
_FLAG = range(_ROOT.stop, _ROOT.stop + len(CUES))


def _mark_table() -> bytes:
    """Byte → number of its group of marks; bytes of no group are dropped first."""
    table = bytearray(256)
    for number, members in enumerate(_MARKS.values()):
        for byte in members:
            table[byte] = number
    return bytes(table)


_MARK_TABLE = _mark_table()
_GROUPS = tuple(bytes([number]) for number in range(len(_MARKS)))
_UNMARKED = bytes(sorted(set(range(256)).difference(*_MARKS.values())))
CUE_BUCKETS = tuple(frozenset(map(bucket_of, words.split())) for words in CUES.values())
"""The buckets of each cue class."""


def cues_of(buckets: Buckets) -> list[int]:
    """How many of the words are in each cue class."""
    found = buckets.tolist()
    return [sum(bucket in members for bucket in found) for members in CUE_BUCKETS]


@dataclass(frozen=True, slots=True)
class Weighing:
    """A weighted sum of the structural numbers. A number x weighs slope·clip(x, low, high) − zero, which is nothing
    where x is 0; most are 0, so a prompt costs only those that it has.

    This is where the numbers are computed, for fitting as well: a sum over unit vectors is the vector of the numbers.
    """

    base: W  # what a prompt weighs whose numbers are all 0
    scalars: tuple[tuple[float, float, W, W], ...]  # low, high, slope, zero
    marks: tuple[tuple[float, float, W, float, float, W, W], ...]  # low, high, slope of log and share; both zeros
    cues: tuple[tuple[float, float, W, W], ...]  # `zero` less the weight of the flag, which is 1 with any cue

    def weigh(self, counts: Counts) -> W:
        view, encoded, count, distinct, cues = counts
        size = len(encoded)
        scalars = (
            log1p(view.task_length),
            log1p(count),
            log1p(distinct),
            log1p(view.system_length),
            log1p(view.tool_length),
            log1p(max(0, view.turns - 1)),
            size / (count or 1),
            1.0 - distinct / (count or 1),
            view.task_length > len(view.task),
            count < SHORT_PROMPT,
        )
        total = self.base
        for x, (low, high, slope, zero) in zip(scalars, self.scalars, strict=True):
            if x:
                total = total + slope * (low if x < low else high if x > high else x) - zero
        each = 1.0 / (size or 1)
        found = encoded.translate(_MARK_TABLE, _UNMARKED)
        while found:  # one kind of marks after the other
            group = found[0]
            rest = found.translate(None, _GROUPS[group])
            number = len(found) - len(rest)
            low, high, slope, least, most, steep, zero = self.marks[group]
            x, share = log1p(number), number * each
            total = total + slope * (low if x < low else high if x > high else x) - zero
            total = total + steep * (least if share < least else most if share > most else share)
            found = rest
        each = 1.0 / (distinct or 1)
        for name, words in enumerate(cues):
            if words:
                low, high, slope, zero = self.cues[name]
                x = sqrt(words * each)
                total = total + slope * (low if x < low else high if x > high else x) - zero
        return total

    @classmethod
    def of(cls, base: W, low: Sequence[float], high: Sequence[float], slope: Sequence[W], zero: Sequence[W]) -> Self:
        """One item per name in `STRUCTURE_NAMES`. `zero`: what a number weighs that is 0; `base` is their sum, and what
        is added to all."""
        flags = zip(_ROOT, _FLAG, strict=True)
        flag = {root: zero[at] - slope[at] * min(max(1.0, low[at]), high[at]) for root, at in flags}
        return cls(
            base,
            tuple((low[at], high[at], slope[at], zero[at]) for at in _SCALAR),
            tuple(
                (low[log], high[log], slope[log], low[share], high[share], slope[share], zero[log] + zero[share])
                for log, share in zip(_LOG, _SHARE, strict=True)
            ),
            tuple((low[at], high[at], slope[at], zero[at] + flag[at]) for at in _ROOT),
        )


@cache
def _unweighed() -> Weighing:
    units, size = np.eye(len(STRUCTURE_NAMES)), len(STRUCTURE_NAMES)
    nothing = np.zeros(size)
    return Weighing.of(nothing, [-inf] * size, [inf] * size, list(units), [nothing] * size)


def structure_of(counts: Counts) -> Floats:
    """One number per name in `STRUCTURE_NAMES`."""
    numbers: NDArray[np.float64] = _unweighed().weigh(counts)
    return numbers.astype(np.float32)
