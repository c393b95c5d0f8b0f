"""Literals: the parts of a question that mean nothing but themselves: addresses, code, quotations, numbers.

They are taken out of the text, in the order in which they stand there, before its words are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_URL: Final = re.compile(r"(?:https?|ftp|wss?|file)://[^\s<>\"“”]+|\bwww\.[^\s<>\"“”]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_QUOTED: Final = re.compile(
    r"\"([^\"\n]+)\"|“([^”“\n]+)[”“]|„([^“”\n]+)[“”]|«([^»\n]+)»|(?<!\w)'([^'\n]+)'(?!\w)|‘([^’\n]+)’(?!\w)"
)
_TOKEN: Final = re.compile(r"\S+")
_SYMBOLS: Final = re.compile(r"[_(){}\[\]<>=+*/\\^$#@&|~%€£¥°§]|^--?\w|\w\.\w|\w::\w|->|\d")
_NUMBER: Final = re.compile(r"^([+-]?\d+(?:[.,:’']\d+)*)(?:[-‐]?([A-Za-zÄÖÜäöüµ%°€$£¥]{1,14}))?$")
_GROUPED: Final = re.compile(r"^\d{1,3}(?:[,.’']\d{3})+$")
_CASED: Final = frozenset(
    {"Kb", "Mb", "Gb", "Tb", "mW", "MW", "mV", "MV", "mA", "M", "G"}
)  # bits and bytes, milli and mega
_MONEY: Final = re.compile(r"^([$€£¥])(\d+(?:[.,]\d+)*)$")
_EDGES: Final = ".,;:!?…\"'“”„‘’«»)]}"
_CALL_EDGES: Final = ".,;:!?…"
_OPENING: Final = "\"'“”„‘’«»([{"


LITERAL: Final = "#"  # what stands in the place of one
_CODE_PLACE, _URL_PLACE, _QUOTED_PLACE = "\ue000", "\ue001", "\ue002"  # the same, until all are found
_PLACES: Final = {_CODE_PLACE: "c", _URL_PLACE: "u", _QUOTED_PLACE: "q"}


class Literals(NamedTuple):
    """`rest` is the text with a `#` in place of each. `numbers` have their unit behind them: `5 km`."""

    rest: str
    urls: tuple[str, ...]
    code: tuple[str, ...]
    quoted: tuple[str, ...]
    numbers: tuple[str, ...]
    kinds: str  # which of these each is, in their order: n, c, u, q


def literals_of(text: str, words: Mapping[str, str], units: Mapping[str, str], thousands: str) -> Literals:
    """`words` are number words and `units` the names of units, both in lower case, with what they are called here.
    `thousands` may stand between the digits of a number, as an apostrophe may."""
    urls: list[str] = []
    code: list[str] = []
    quoted: list[str] = []

    text = _CODE.sub(_Take(code, "`", _CODE_PLACE), text)
    text = _URL.sub(_Take(urls, _EDGES, _URL_PLACE), text)
    text = _QUOTED.sub(_Take(quoted, "", _QUOTED_PLACE), text)
    kinds: list[str] = []
    numbers, rest = _numbers(text, _Numerals(words, units, thousands), code, kinds)
    return Literals(rest, tuple(urls), tuple(code), tuple(quoted), tuple(numbers), "".join(kinds))


class _Numerals(NamedTuple):
    """How a language writes numbers and units."""

    words: Mapping[str, str]
    units: Mapping[str, str]
    thousands: str

    def number(self, token: str) -> str | None:
        """`1,000` and `1000` are one; `3.0` is a version, or not, and no other writing of 3."""
        money = _MONEY.match(token)
        if money is not None:
            return f"{self._plain(money.group(2))} {money.group(1)}"
        match = _NUMBER.match(token)
        if match is None:
            return None
        value, unit = self._plain(match.group(1)), match.group(2)
        return value if unit is None else f"{value} {self.after_number(unit) or unit.lower()}"

    def after_number(self, unit: str) -> str | None:
        return unit if unit in _CASED else self.units.get(unit.lower())

    def _plain(self, digits: str) -> str:
        """Of a number with one sign in it only the language says whether it is of thousands or of tenths."""
        is_grouped = _GROUPED.match(digits) and {*digits} - {*"0123456789’'"} <= {self.thousands}
        return re.sub(r"[,.’']", "", digits) if is_grouped else digits.replace(",", ".")


class _Take:
    """Puts what is found into a list, and a blank in its place."""

    __slots__ = ("_edges", "_found", "_place")

    def __init__(self, found: list[str], edges: str, place: str) -> None:
        self._found = found
        self._edges = edges
        self._place = place

    def __call__(self, match: re.Match[str]) -> str:
        inner = next((group for group in match.groups() if group is not None), match.group())
        self._found.append(" ".join(inner.strip(self._edges).split()))
        return f" {self._place} "


def _numbers(text: str, known: _Numerals, code: list[str], kinds: list[str]) -> tuple[list[str], str]:
    numbers: list[str] = []
    rest: list[str] = []
    codes = before = len(code)
    waiting = False  # the last token was a number that has no unit yet
    for found in _TOKEN.finditer(text):
        whole = found.group()
        if whole in _PLACES:
            rest.append(LITERAL)
            kinds.append(_PLACES[whole])
            waiting = False
            continue
        token = whole.lstrip(_OPENING)
        ended = token.rstrip(_CALL_EDGES if _is_call(token) else _EDGES)
        folded = ended.lower()
        if waiting and (unit := known.after_number(ended)) is not None:
            numbers[-1] += f" {unit}"
            waiting = False
        elif (value := known.words.get(folded)) is not None:
            numbers.append(value)
            waiting = token == ended
        elif (number := known.number(ended)) is not None:
            numbers.append(number)
            waiting = token == ended and " " not in number
        elif folded in known.units and not folded.isalpha():
            numbers.append(known.units[folded])
        elif ended and _SYMBOLS.search(ended):
            code.append(ended)
        else:
            rest.append(whole)
            waiting = False
            continue
        if len(numbers) + len(code) > before:  # else it is the unit of the last one
            kinds.append("c" if len(code) > codes else "n")
        codes, before = len(code), len(numbers) + len(code)
        rest.append(LITERAL + whole[len(whole.rstrip(_EDGES)) :])
    return numbers, " ".join(rest)


def _is_call(token: str) -> bool:
    return "(" in token or "[" in token or "{" in token
