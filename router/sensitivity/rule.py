"""Rules: a pattern, a check and the words that must stand near — most of what is sensitive can be declared so.

A rule's confidence is what it earns in bare text. A cue nearby (whole word, any of the languages) raises it to
`cued`; a word that speaks for something else (order, commit, version…) lowers it by `contrary`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from router.sensitivity.cues import Cue, cues_in
from router.sensitivity.detector import Span
from router.sensitivity.patterns import PatternSet, compiled
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import View

_CONTRARY = int(Cue.CONTRARY)
_REACH_AFTER = 32  # characters behind a candidate in which a cue still counts


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` is RE2 over folded ASCII. If it has a group, the group is the finding, else the whole match."""

    type: str
    pattern: str
    confidence: float
    check: Callable[[str], bool] | None = None
    cues: Cue = Cue.NONE
    cued: float = 0.95
    contrary: float = 0.5  # factor when a contrary word stands just before
    bounded: bool = True  # no letter or digit may touch the finding
    after: bool = False  # cues may also follow the finding
    trigger: str = ""  # cheaper pattern for the common pass; empty: `pattern` itself


class RuleDetector:
    """Runs the rules whose triggers hit."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self.triggers = tuple(rule.trigger or rule.pattern for rule in rules)
        self._runners = tuple(_Runner(rule) for rule in rules)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        near = Surroundings(view)
        for hit in hits:
            yield from self._runners[hit].run(near, 0, len(view.text))


class NumberDetector:
    """Rules about digits, run only on the stretches of text that hold enough of them.

    All of them in the common pass would make its automaton explode: each bounded repeat multiplies the states. So the
    common pass only learns that there are digits, and a second set picks the rules for each stretch.
    """

    triggers = (r"\d[ .\-/()]{0,3}[A-Za-z]?\d[ .\-/()]{0,3}[A-Za-z]?\d[ .\-/()]{0,3}[A-Za-z]?\d",)
    _CLUSTER = re.compile(r"\d(?:[ .\-/()\n]{0,3}[A-Za-z]{0,2}\d){3,}")
    _MARGIN = 12  # characters: the letters that may stand before or behind the digits, as in a codice fiscale

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        telling = [rule for rule in rules if rule.confidence >= threshold(rule.type)]
        self._telling = _RuleSet(telling)
        self._needing_cues = _RuleSet([rule for rule in rules if rule not in telling])

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        del hits
        near = Surroundings(view)
        done = 0
        for cluster in self._CLUSTER.finditer(view.text):
            first, last = cluster.span()
            start = max(done, first - self._MARGIN, 0)
            end = min(len(view.text), last + self._MARGIN)
            cues = cues_in(view.before(start) + view.lower[start : end + _REACH_AFTER])
            yield from self._telling.run(near, start, last, end, cues)
            if cues:
                yield from self._needing_cues.run(near, start, last, end, cues)
            done = last


class _RuleSet:
    """Rules that are picked by one pass over a stretch."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._runners = tuple(_Runner(rule) for rule in rules)
        self._set = PatternSet(
            rf"(?:^|[^A-Za-z0-9])(?:{rule.pattern})(?:[^A-Za-z0-9]|$)" if rule.bounded else rule.pattern
            for rule in rules
        )

    def run(self, near: Surroundings, start: int, last: int, end: int, cues: int) -> Iterator[Span]:
        for index in self._set.match(near.view.data[start:end]):
            runner = self._runners[index]
            if runner.telling or runner.cues & cues:
                yield from runner.run(near, start, end, last)


class TooManyCandidatesError(Exception):
    """The text holds more near misses than a text has any business to: reading on would cost too much."""


class Surroundings:
    """A view, the cues around each place in it (looked up once a place), and how many near misses are left.

    The budget grows with the text, so the work stays linear; running out of it raises, and that means local.
    """

    __slots__ = ("_after", "_before", "_contrary", "_left", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self._left = 4_096 + len(view.text) // 16
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}
        self._contrary: dict[int, bool] = {}

    def spend(self) -> None:
        """Raises `TooManyCandidatesError` when there is nothing left."""
        self._left -= 1
        if self._left < 0:
            raise TooManyCandidatesError

    def before(self, start: int) -> int:
        found = self._before.get(start)
        if found is None:
            found = self._before[start] = cues_in(self.view.before(start))
        return found

    def after(self, end: int) -> int:
        found = self._after.get(end)
        if found is None:
            found = self._after[end] = cues_in(self.view.after(end))
        return found

    def contrary(self, start: int) -> bool:
        found = self._contrary.get(start)
        if found is None:
            near = bool(self.before(start) & _CONTRARY)
            found = self._contrary[start] = near and bool(cues_in(self.view.before(start, 28)) & _CONTRARY)
        return found


class _Runner:
    """One rule, compiled."""

    __slots__ = ("_group", "_pattern", "_rule", "cues", "telling")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.cues = int(rule.cues)
        self.telling = rule.confidence >= threshold(rule.type)
        self._pattern = compiled(rule.pattern)
        self._group = min(self._pattern.groups, 1)

    def run(self, near: Surroundings, start: int, end: int, last: int | None = None) -> Iterator[Span]:
        """Spans that begin before `last` (default: `end`) and end by `end`."""
        position, data = start, near.view.data
        stop = end if last is None else last
        while position < stop and (match := self._pattern.search(data, position, end)) is not None:
            first, behind = match.span(self._group)
            if first >= stop:
                break
            span = _judge(self._rule, self.cues, near, first, behind)
            if span is not None:
                yield span
                position = max(match.end(), position + 1)
            else:
                near.spend()
                # What failed as a whole may hold a good one further in: go on behind its first word.
                position = max(match.start() + 1, _behind_word(near.view.text, first, behind))


def _behind_word(text: str, start: int, end: int) -> int:
    while start < end and text[start].isalnum():
        start += 1
    return start


def _judge(rule: Rule, cues: int, near: Surroundings, start: int, end: int) -> Span | None:
    text = near.view.text
    if rule.bounded and ((start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())):
        return None
    cued = cues and (cues & near.before(start) or (rule.after and cues & near.after(end)))
    confidence = rule.cued if cued else rule.confidence
    if confidence <= 0.0 or (rule.check is not None and not rule.check(text[start:end])):
        return None
    if not cued and rule.contrary != 1.0 and near.contrary(start):
        confidence *= rule.contrary
    return Span(start, end, rule.type, confidence)
