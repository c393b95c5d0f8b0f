"""Codes: text as the numbers of its characters: `0x41, 0x42`, `41 42 43`, `65, 66`, `chr(65) + chr(66)`, bits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_HEX_LIST = r"0x[0-9A-Fa-f]{2}(?:[,;] ?| )(?:0x[0-9A-Fa-f]{2}(?:[,;] ?| )?){6,2000}"
_PAIRS = r"(?<![0-9A-Fa-f:])[2-7][0-9A-Fa-f](?:[ :][2-7][0-9A-Fa-f]){7,2000}(?![0-9A-Fa-f:])"
_PRINTABLE = r"(?:[3-9][0-9]|1[01][0-9]|12[0-6])"
_DECIMALS = rf"(?<![0-9.]){_PRINTABLE}(?:, ?{_PRINTABLE}){{8,2000}}(?![0-9])"
_CALLS = r"[Cc]hr\([0-9]{2,3}\)(?:[ +.,&]{1,3}[Cc]hr\([0-9]{2,3}\)){5,2000}"
_BITS = r"(?<![01])0[01]{7}(?: ?0[01]{7}){7,2000}(?![01])"

_CODES = re.compile("|".join(f"({pattern})" for pattern in (_HEX_LIST, _PAIRS, _DECIMALS, _CALLS, _BITS)))
# Where such may stand: the pattern above tries every character, this one makes one pass.
_REGION = Pattern(
    r"0x[0-9A-Fa-f]{2}(?:[,;] ?| )(?:0x[0-9A-Fa-f]{2}(?:[,;] ?| )?){6,}|[2-7][0-9A-Fa-f](?:[ :][2-7][0-9A-Fa-f]){7,}"
    rf"|{_PRINTABLE}(?:, ?{_PRINTABLE}){{8,}}|[Cc]hr\([0-9]{{2,3}}\)(?:[ +.,&]{{1,3}}[Cc]hr\([0-9]{{2,3}}\)){{5,}}"
    r"|0[01]{7}(?: ?0[01]{7}){7,}"
)
_STEP = 8  # characters of such a place that are read in a step
TRIGGER: str = (
    r"0x[2-7][0-9A-Fa-f][,; ]{1,2}0x[2-7][0-9A-Fa-f][,; ]{1,2}0x"
    r"|\b[2-7][0-9A-Fa-f][ :][2-7][0-9A-Fa-f][ :][2-7][0-9A-Fa-f][ :][2-7][0-9A-Fa-f][ :][2-7][0-9A-Fa-f][ :]"
    r"|\b\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2,3}, ?\d{2}"
    r"|[Cc]hr\(\d{2,3}\)[ +.,&]{1,3}[Cc]hr\("
    r"|\b0[01]{7} ?0[01]{7} ?0[01]{7}"
)
_NUMBER = re.compile(r"[0-9]{2,3}")
_PAIR = re.compile(r"(?:0x)?([0-9A-Fa-f]{2})")


def _pairs(text: str) -> list[int]:
    return [int(pair, 16) for pair in _PAIR.findall(text)]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


def _octets(text: str) -> list[int]:
    bits = text.replace(" ", "")
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]


_READERS: tuple[Callable[[str], list[int]], ...] = (_pairs, _pairs, _numbers, _numbers, _octets)


def decoded_codes(view: View) -> Iterator[tuple[int, int, str]]:
    """What each run of codes says, and where it stands. One that says nothing printable is none."""
    text, size = view.text, len(view.text)
    for first, last, _, _ in _REGION.each(view.data):
        view.budget.spend(2 + (last - first) // _STEP)
        for match in _CODES.finditer(text, first, min(last + 1, size)):
            points = _READERS[(match.lastindex or 1) - 1](match.group())
            if all(31 < point < 127 for point in points):
                yield match.start(), match.end(), "".join(map(chr, points))
