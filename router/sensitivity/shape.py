"""Shapes: text and patterns with every digit made `0`, every small letter `a`, every capital `A`.

An automaton that looks for the shapes of identifiers has few states, whatever numbers it is shown; one that looks for
the identifiers themselves has as many as there are kinds of number, and outgrows its memory. What the shape lets pass
is then looked at closely.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_TABLE: Final = bytes.maketrans(
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 10 + b"a" * 26 + b"A" * 26
)
_PART: Final = re.compile(r"\\.|\[[^\]]*\]|\{[^}]*\}|\(\?[a-z]*[:)]|.", re.DOTALL)


def shape_of(data: bytes) -> bytes:
    """As long as `data`."""
    return data.translate(_TABLE)


def shape_of_pattern(pattern: str) -> str:
    """A pattern that occurs in the shape of every text in which `pattern` occurs.

    `pattern` may hold literals, classes, groups, repeats and `\\d`, `\\b`, `\\w`.
    """
    return "".join(_shape_of_part(part) for part in _PART.findall(pattern))


@cache  # few classes, in many patterns
def _shape_of_part(part: str) -> str:
    if part == r"\d":
        return "0"
    if part.startswith("["):
        members = re.compile(part)
        signs = {shape_of(sign.encode()).decode() for sign in map(chr, range(128)) if members.match(sign)}
        return f"[{''.join(map(_escaped, sorted(signs)))}]"
    if len(part) > 1:
        return part
    return shape_of(part.encode()).decode()


def _escaped(sign: str) -> str:
    return sign if sign.isalnum() else rf"\x{ord(sign):02x}"
