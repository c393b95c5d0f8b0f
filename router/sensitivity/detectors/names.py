"""Names of private persons, told from names of the famous, of characters and of people in arithmetic problems.

Evidence is added up: is the first name known, the family name, is there an initial; does a word before it say that a
person is meant (a title, "my name is", a form's field, a greeting); does the text speak of somebody's affairs, of the
sick, of history or of apples to be counted.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from router.sensitivity.detector import Span
from router.sensitivity.detectors import name_cues as cues
from router.sensitivity.lexicon import read
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import View

_PARTICLE = r"(?:de|la|del|della|di|da|van|von|der|den|dos|das|do|bin|ibn|al|el|le|du|y|zu|ter|ten|mac|st\.?)"
_SEQUENCE = re.compile(rf"[A-Z][A-Za-z'-]{{0,24}}\.?(?: (?:{_PARTICLE} ){{0,2}}[A-Z][A-Za-z'-]{{0,24}}\.?){{0,6}}")
_CAPITALISED = re.compile(r"[A-Z][a-z]+")
_TOKEN = re.compile(r"[A-Za-z'.-]+")
_MAX_TOKENS = 6
_LEAST = 0.3  # confidence


class _Lexicon(NamedTuple):
    first: frozenset[str]
    first_ambiguous: frozenset[str]
    last: frozenset[str]
    last_ambiguous: frozenset[str]
    famous: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    return _Lexicon(*read("first_names"), *read("surnames"), _famous())


def _famous() -> frozenset[str]:
    names, ambiguous = read("famous")
    return names - ambiguous


class _Climate(NamedTuple):
    """What the whole text says about whether its names are private: added to each of them."""

    bonus: float
    arithmetic: bool


class NameDetector:
    name = "names"
    triggers = (cues.STRONG_TRIGGER,)

    def __init__(self) -> None:
        self._lexicon = _lexicon()

    def glance(self, text: str) -> bool:
        """A known first name, or words that lead to a name."""
        if not self._lexicon.first.isdisjoint(map(str.lower, _CAPITALISED.findall(text))):
            return True
        return cues.may_lead(text.encode())

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        del hits
        for start, end in cues.lower_case_names(view):
            yield Span(start, end, "PERSON", 0.6)
        led = cues.leads(view.data)
        first = self._lexicon.first
        if not led and first.isdisjoint(map(str.lower, _CAPITALISED.findall(view.text))):
            return
        lead_offsets = sorted(led)
        climate: _Climate | None = None
        for match in _SEQUENCE.finditer(view.text):
            start, end = match.span()
            at = bisect_left(lead_offsets, start)
            words = match.group().lower().replace("-", " ").replace(".", " ").replace("'", " ").split()
            if (at == len(lead_offsets) or lead_offsets[at] >= end) and first.isdisjoint(words):
                continue
            tokens = self._tokens(match.group(), start)
            cut = self._start(tokens, led)
            if cut is None:
                continue
            index, lead = cut
            candidate = _trim(tokens[index:], self._lexicon)
            if not candidate:
                continue
            if climate is None:
                climate = _climate(view)
            confidence = self._score(candidate, lead, view, climate)
            if confidence >= _LEAST:
                yield Span(candidate[0].start, candidate[-1].end, "PERSON", min(confidence, 0.95))

    def _tokens(self, text: str, offset: int) -> list[_Token]:
        tokens = []
        for found in _TOKEN.finditer(text):
            word = found.group()
            start, end = offset + found.start(), offset + found.end()
            if word.endswith("'s"):
                word, end = word[:-2], end - 2
            stripped = word.rstrip("'-" if len(word) <= 2 else "'-.")
            tokens.append(_Token(stripped, stripped.lower().rstrip("."), start, end - len(word) + len(stripped)))
        return tokens

    def _start(self, tokens: list[_Token], led: dict[int, float]) -> tuple[int, float] | None:
        """Where in a run of capitalised words the name begins, and how strongly the words before it point to it."""
        best: tuple[int, float] | None = None
        for index, token in enumerate(tokens):
            lead = led.get(token.start)
            if lead is not None and token.lower not in cues.NOT_NAMES:
                best = (index, lead)  # the last lead counts: "Dear Mr. Smith"
        if best is not None:
            return best
        for index, token in enumerate(tokens):
            if self._first(token) > 0 and (len(token.lower) > 2):
                return index, 0.0
        return None

    def _first(self, token: _Token) -> float:
        lower = token.lower
        if lower in self._lexicon.first or lower.partition("-")[0] in self._lexicon.first:
            return 0.15 if lower in self._lexicon.first_ambiguous else 0.3
        return 0.0

    def _last(self, token: _Token) -> float:
        lower = token.lower
        if lower in self._lexicon.last or lower.rpartition("-")[2] in self._lexicon.last:
            return 0.08 if lower in self._lexicon.last_ambiguous else 0.17
        return 0.0

    def _score(self, name: list[_Token], lead: float, view: View, climate: _Climate) -> float:
        if any(token.lower in cues.ORGANISATION for token in name):
            return 0.0
        first, count = self._first(name[0]), len(name)
        score = first + lead
        if count >= 2:
            last = self._last(name[-1])
            initial = any(len(token.lower) == 1 for token in name[1:])
            score += last
            if first or last:
                score += 0.1
            if initial and first:
                score += 0.15
        elif lead == 0.0 and (climate.arithmetic or first < 0.3):
            return 0.0
        if count >= 2 and lead >= 0.25 and not first:
            score += 0.1  # led by a word, and not the name of a thing: things have one name
        if lead < 0.25 and climate.bonus < 0.15 and name[-1].lower in self._lexicon.famous:
            score -= 0.3
        if climate.arithmetic and lead < 0.6:
            score -= 0.45
        score += climate.bonus
        if score + cues.MOST_EVIDENCE < _LEAST:
            return 0.0  # whatever stands beside it, it will not be enough
        score += cues.right_evidence(view, name[-1].end) + cues.left_evidence(view, name[0].start)
        return score - cues.fame(view, name[0].start)


class _Token(NamedTuple):
    text: str
    lower: str
    start: int
    end: int


def _trim(tokens: list[_Token], lexicon: _Lexicon) -> list[_Token]:
    """Without words at the end that no name ends in, and not longer than names are."""
    kept: list[_Token] = []
    for token in tokens[:_MAX_TOKENS]:
        if kept and token.lower in cues.NOT_NAMES and token.lower not in lexicon.last:
            break
        kept.append(token)
    while kept and not kept[-1].text[:1].isupper():
        kept.pop()
    if kept and kept[0].lower in cues.NOT_NAMES:
        return []
    return kept


_LONG, _SHORT = 300, 200  # characters
_CLIMATE = PatternSet((cues.ARITHMETIC, cues.PUBLIC, cues.PRIVATE, cues.PERSONAL, cues.CLINICAL), 2 << 20)
_ARITHMETIC, _PUBLIC, _PRIVATE, _PERSONAL, _CLINICAL = range(5)


def _climate(view: View) -> _Climate:
    said = _CLIMATE.match(view.data)
    size = len(view.data)
    bonus = 0.0
    if _PRIVATE in said:
        bonus += 0.15
    if _CLINICAL in said:
        bonus += 0.2
    if _PUBLIC in said:
        bonus -= 0.2
    if size > _LONG and bonus <= 0.0 and _PERSONAL not in said:
        bonus -= 0.2  # it tells, it does not ask on anybody's behalf
    elif size < _SHORT and bonus == 0.0:
        bonus += 0.1
    return _Climate(bonus, _ARITHMETIC in said)


NAMES = NameDetector()
