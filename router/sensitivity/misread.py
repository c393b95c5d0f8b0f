"""Misread: letters where digits belong, as a scanner or a sly writer puts them: `4O12 8888`, `DE89 37O4 0044`.

What is read so counts only where a checksum or its form proves it (`pieces.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_MIXED = r"[0-9OIlSBZo]"
_NUMBER = re.compile(rf"(?<![A-Za-z0-9])(?:[A-Z]{{2}})??({_MIXED}(?:[ .-]?{_MIXED}){{9,33}})(?![A-Za-z0-9])")
TRIGGER: str = rf"\b[A-Z]{{0,2}}{_MIXED}{{4}}[ .-]?{_MIXED}{{4}}[ .-]?{_MIXED}{{2}}"
# Where such may stand: the pattern above tries every character, this one makes one pass.
_REGION = Pattern(rf"{_MIXED}(?:[ .-]?{_MIXED}){{9,}}")
_STEP = 24  # characters of such a place that are read in a step
_LETTER = re.compile(r"[OIlSBZo]")
_DIGIT = {"O": "0", "o": "0", "I": "1", "l": "1", "S": "5", "B": "8", "Z": "2"}
_DIGITS_FROM = 6


def misread(view: View) -> Iterator[list[tuple[int, int, str]]]:
    """For each number with letters among its digits, the changes that make it one."""
    text, size = view.text, len(view.text)
    for first, last, _, _ in _REGION.each(view.data):
        view.budget.spend(1 + (last - first) // _STEP)
        if _LETTER.search(text, first, last) is None:
            continue
        for match in _NUMBER.finditer(text, max(0, first - 2), min(last + 1, size)):
            number, at = match.group(1), match.start(1)
            letters = list(_LETTER.finditer(number))
            if letters and sum(map(str.isdigit, number)) >= _DIGITS_FROM:
                yield [(at + each.start(), at + each.end(), _DIGIT[each.group()]) for each in letters]
