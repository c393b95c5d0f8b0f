"""Structure: what a prompt looks like, as numbers. Lengths, marks, cue words, the shape of the request."""

from __future__ import annotations

from math import log1p

import numpy as np
from numpy.typing import NDArray

from router.difficulty.cues import CUES
from router.difficulty.view import View
from router.difficulty.words import BUCKETS, Buckets, bucket_of

Floats = NDArray[np.float32]

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
_LOGS = len(_SCALARS)
_SHARES = _LOGS + len(_MARKS)
_CUE_SHARES = _SHARES + len(_MARKS)
_HAS = _CUE_SHARES + len(CUES)


def _mark_table() -> bytes:
    """Byte → number of its group of marks; bytes of no group are dropped first."""
    table = bytearray(256)
    for number, members in enumerate(_MARKS.values()):
        for byte in members:
            table[byte] = number
    return bytes(table)


def _cue_table() -> tuple[NDArray[np.uint8], Floats]:
    """Bucket of a word → number of its set of cue classes; and a matrix, set of classes × class."""
    classes: dict[int, set[int]] = {}
    for number, words in enumerate(CUES.values()):
        for word in words.split():
            classes.setdefault(bucket_of(word), set()).add(number)
    sets = [frozenset[int](), *dict.fromkeys(frozenset(each) for each in classes.values())]
    table = np.zeros(BUCKETS, dtype=np.uint8)
    for bucket, members in classes.items():
        table[bucket] = sets.index(frozenset(members))
    matrix = np.zeros((len(sets), len(CUES)), dtype=np.float32)
    for row, each in enumerate(sets):
        matrix[row, list(each)] = 1.0
    return table, matrix


_ONE = np.float32(1.0)
_MARK_TABLE = _mark_table()
_UNMARKED = bytes(sorted(set(range(256)).difference(*_MARKS.values())))
_CUE_TABLE, _CUE_MATRIX = _cue_table()


def structure_of(view: View, encoded: bytes, count: int, buckets: Buckets) -> Floats:
    """One number per name in `STRUCTURE_NAMES`. `encoded`: the task in UTF-8; `count`: its words; `buckets`: of its
    distinct words."""
    distinct = buckets.size
    size = len(encoded) or 1
    grouped = np.frombuffer(encoded.translate(_MARK_TABLE, _UNMARKED), np.uint8)
    marks = np.bincount(grouped, minlength=len(_MARKS)).astype(np.float32)
    cues = _CUE_MATRIX.take(_CUE_TABLE.take(buckets), 0).sum(0)
    out = np.empty(len(STRUCTURE_NAMES), np.float32)
    out[:_LOGS] = (
        log1p(view.task_length),
        log1p(count),
        log1p(distinct),
        log1p(view.system_length),
        log1p(view.tool_length),
        log1p(max(0, view.turns - 1)),
        len(encoded) / (count or 1),
        1.0 - distinct / (count or 1),
        float(view.task_length > len(view.task)),
        float(count < SHORT_PROMPT),
    )
    np.log1p(marks, out[_LOGS:_SHARES])
    np.multiply(marks, np.float32(1.0 / size), out[_SHARES:_CUE_SHARES])
    np.sqrt(cues * np.float32(1.0 / (distinct or 1)), out[_CUE_SHARES:_HAS])
    np.minimum(cues, _ONE, out=out[_HAS:])
    return out
