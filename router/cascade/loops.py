"""Loops: a small model that says the same over and over until it is stopped."""

from __future__ import annotations

from typing import Final

_TAIL: Final = 1500  # characters that are looked at
_TIMES: Final = 5
_SHORTEST: Final = 80  # characters that are one piece, repeated
_LINES: Final = frozenset("-=_*#~.+ \n\t")  # a rule across the page is no loop
_FEW: Final = 8  # words of which a share says something


def is_loop(text: str) -> bool:
    """Whether the text ends in one piece, five times or more on end."""
    tail = text[-_TAIL:].rstrip()[::-1]
    if len(tail) < _SHORTEST or _LINES.issuperset(tail[:_SHORTEST]):
        return False
    borders = [0] * len(tail)  # Knuth, Morris, Pratt: the longest border of every beginning
    border = 0
    for at in range(1, len(tail)):
        while border and tail[at] != tail[border]:
            border = borders[border - 1]
        if tail[at] == tail[border]:
            border += 1
        borders[at] = border
        size = at + 1
        if size >= _SHORTEST and size >= _TIMES * (size - border):
            return True
    return False


def repeated(text: str) -> float:
    """The share of three-word runs that were said before, 0..1."""
    words = text.lower().split()
    if len(words) < _FEW:
        return 0.0
    runs = {(words[at], words[at + 1], words[at + 2]) for at in range(len(words) - 2)}
    return 1.0 - len(runs) / (len(words) - 2)
