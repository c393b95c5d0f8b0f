"""Rules: a pattern, a check and the words that must stand near — most of what is sensitive can be declared so.

A rule's confidence is what it earns in bare text. A cue nearby (whole word, any of the languages) raises it to
`cued`; a word that speaks for something else (order, commit, version…) lowers it by `contrary`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from router.sensitivity.around import Anchor, Around, Onward
from router.sensitivity.budget import TooManyCandidatesError as TooManyCandidatesError
from router.sensitivity.cues import Cue, cues_in_bytes
from router.sensitivity.detector import Shape, Span
from router.sensitivity.parts import is_part
from router.sensitivity.patterns import PATTERN_MEMORY, Pattern, PatternSet
from router.sensitivity.shape import shape_of, shape_of_pattern
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import View

_CONTRARY: Final = int(Cue.CONTRARY)
_ANY: Final = -1  # all cues
_NEAR_MISS, _RUN = 4, 5  # steps
_REST_OF_WORD: Final = re.compile(rb"[A-Za-z0-9]*")
_TELLING: Final = 0.3  # of bare text: what has less is found by the words around it alone
_DIGITS_LEAST: Final = 4  # in any number that is looked at
_AFTER_FROM: Final = 7  # characters of a candidate of which a cue behind it speaks
_REACH, _REACH_CONTRARY = 64, 28  # characters before or behind a candidate in which a cue still counts


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
    after: bool = True  # cues may also follow the finding
    trigger: str = ""  # cheaper pattern for the common pass; empty: `pattern` itself
    anchor: Anchor | None = None
    memory: int = PATTERN_MEMORY  # bytes


class RuleDetector:
    """Runs the rules whose triggers hit."""

    def __init__(self, name: str, rules: Sequence[Rule], kind: type[str] = str) -> None:
        """`kind` is `Shape` where the triggers are shapes."""
        self.name = name
        self.rules = tuple(rules)
        self.triggers = tuple(kind(rule.trigger or rule.pattern) for rule in rules)
        self._runners = tuple(_Runner(rule) for rule in rules)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        near, size = Surroundings(view), len(view.text)
        for hit in hits:
            view.budget.spend_pass(size)
            yield from self._runners[hit].run(near, 0, size, size)


class NumberDetector:
    """Rules about digits, run only on the stretches of text that hold enough of them.

    Those that need no word wake by their shape or their trigger; for all others, the common pass only learns that there
    are digits. With neither a form nor a word that tells what the digits are, they are nothing.
    """

    _DIGITS = Shape(r"\d[ .\-/()]{0,3}[A-Za-z]?\d[ .\-/()]{0,3}[A-Za-z]?\d[ .\-/()]{0,3}[A-Za-z]?\d")
    _CLUSTER = Pattern(r"[0-9](?:[ .\-/()\n]{0,3}[A-Za-z]{0,2}[0-9]){3,}")
    _MARGIN = 12  # characters: the letters that may stand before or behind the digits, as in a codice fiscale
    _STRETCH = 512  # characters: clusters that are close are looked at together, as far as this
    _LONGEST = 64  # characters: what begins in a cluster that goes on behind its stretch ends within these

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        telling = [rule for rule in rules if rule.confidence >= threshold(rule.type)]
        self._telling = _RuleSet(telling)
        self._needing_cues = _RuleSet([rule for rule in rules if rule not in telling])
        self.triggers = (self._DIGITS, *(rule.trigger or Shape(_bounded(rule)) for rule in telling))

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        near, telling = Surroundings(view), any(hits)
        cued = near.anywhere() & self._needing_cues.cues
        if not telling and not cued:
            return
        for start, last, end in self._stretches(view):
            if view.joints and not any(start < joint < end for joint in view.joints):
                continue  # what does not reach over a joint proves nothing (`pieces.py`)
            view.budget.spend(5 + (end - start) // 48)
            near.cues = near.around(start, end)
            if not telling and not near.cues & cued:
                continue
            shape = shape_of(view.data[start:end])
            if telling:
                yield from self._telling.run(near, shape, start, last, end)
            if near.cues & cued:
                yield from self._needing_cues.run(near, shape, start, last, end)

    def worth(self, hits: Sequence[int], data: bytes) -> bool:
        """Whether any number has the form of an identifier, or any word says that one is."""
        if any(hits):
            return len(data) - len(data.translate(None, b"0123456789")) >= _DIGITS_LEAST
        return bool(cues_in_bytes(data.lower().replace(b"_", b" ")) & self._needing_cues.cues)

    def _stretches(self, view: View) -> Iterator[tuple[int, int, int]]:
        """Where spans may begin, from and to, and where they end at the latest."""
        size, done, margin = len(view.text), 0, self._MARGIN
        cluster = self._CLUSTER.search(view.data, 0, size)
        while cluster is not None:
            first, last, _, _ = cluster
            reach = margin
            while (cluster := self._CLUSTER.search(view.data, last, size)) is not None:
                view.budget.spend()
                near = cluster[0] - last <= margin
                if not near or cluster[1] - first > self._STRETCH:
                    reach = self._LONGEST if near else margin
                    break
                last = cluster[1]
            start = max(done, first - margin)
            while last - start > 2 * self._STRETCH:
                cut = start + self._STRETCH
                yield start, cut, cut + self._LONGEST
                start = cut
            yield start, last, min(size, last + reach)
            done = last


class _RuleSet:
    """Rules that are picked by one pass over a stretch."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._runners = tuple(_Runner(rule) for rule in rules)
        self.cues = 0
        for rule in rules:
            self.cues |= int(rule.cues)
        self._set = PatternSet((shape_of_pattern(_bounded(rule)) for rule in rules), 2 << 20)

    def run(self, near: Surroundings, shape: bytes, start: int, last: int, end: int) -> Iterator[Span]:
        for index in self._set.match(shape):
            runner = self._runners[index]
            if runner.telling or runner.cues & near.cues:
                near.view.budget.spend(_RUN)
                yield from runner.run(near, start, end, last)


def _bounded(rule: Rule) -> str:
    return rf"(?:^|[^A-Za-z0-9])(?:{rule.pattern})(?:[^A-Za-z0-9]|$)" if rule.bounded else rule.pattern


class Surroundings:
    """A view and the cues around each place in it, looked up once a place.

    `cues` are those that stand anywhere near the stretch that is being read: no others need to be looked for.
    """

    __slots__ = ("_after", "_before", "_contrary", "_lower", "_shift", "cues", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.cues = _ANY
        self._lower: bytes | None = None
        self._shift = 0
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}
        self._contrary: dict[int, bool] = {}

    def anywhere(self) -> int:
        return cues_in_bytes(self._labelled())

    def around(self, start: int, end: int) -> int:
        """All that may count for whatever stands between `start` and `end`."""
        lower = self._labelled()
        return cues_in_bytes(lower[self._from(start, _REACH) : end + self._shift + _REACH])

    def before(self, start: int) -> int:
        found = self._before.get(start)
        if found is None:
            lower = self._labelled()
            found = cues_in_bytes(lower[self._from(start, _REACH) : start + self._shift])
            self._before[start] = found
        return found

    def after(self, end: int) -> int:
        found = self._after.get(end)
        if found is None:
            lower = self._labelled()
            behind = end + self._shift
            found = self._after[end] = cues_in_bytes(lower[behind : behind + _REACH])
        return found

    def contrary(self, start: int) -> bool:
        if not self.cues & _CONTRARY:
            return False
        found = self._contrary.get(start)
        if found is None:
            lower = self._labelled()
            before = lower[self._from(start, _REACH_CONTRARY) : start + self._shift]
            found = bool(self.before(start) & _CONTRARY) and bool(cues_in_bytes(before) & _CONTRARY)
            self._contrary[start] = found
        return found

    def _labelled(self) -> bytes:
        """The view's lower case, with its label in front, which counts as standing before the text."""
        if self._lower is None:
            label = f"{self.view.label}: ".encode("utf-8", "replace") if self.view.label else b""
            self._lower = label + self.view.lower.encode()
            self._shift = len(label)
        return self._lower

    def _from(self, start: int, width: int) -> int:
        """Where what stands up to `width` characters before `start` begins: at the label, where that is near."""
        return start + self._shift - width if start >= width else 0


def _searches(rule: Rule) -> Callable[..., tuple[int, int, int, int] | None]:
    """What looks for a rule's pattern: everywhere, or where its anchor stands, and then its first argument is paid."""
    if rule.anchor is None:
        return Pattern(rule.pattern, rule.memory).search
    if rule.anchor.before:
        return Around((Pattern(rule.pattern, rule.memory),), rule.anchor).search
    return Onward(rule.pattern, rule.anchor).search


class _Runner:
    """One rule, compiled."""

    __slots__ = ("_rule", "_search", "cues", "telling")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.cues = int(rule.cues)
        self.telling = rule.confidence >= threshold(rule.type)
        self._search = _searches(rule)

    def run(self, near: Surroundings, start: int, end: int, last: int) -> Iterator[Span]:
        """Spans that begin before `last` and end by `end`."""
        position, data, cues = start, near.view.data, self.cues & near.cues
        search = self._search if self._rule.anchor is None else partial(self._search, near.view.budget)
        while position < last and (match := search(data, position, end)) is not None:
            whole, whole_end, first, behind = match
            if first >= last:
                break
            span = _judge(self._rule, cues, near, first, behind)
            if span is not None:
                yield span
                position = max(whole_end, position + 1)
            else:
                near.view.budget.spend(_NEAR_MISS + (behind - first) // 16)
                # What failed as a whole may hold a good one further in: go on behind its first word.
                word = _REST_OF_WORD.match(data, first, end if self._rule.bounded else behind)
                position = max(whole + 1, word.end() if word is not None else first)


def _follows(cues: int, near: Surroundings, start: int, end: int) -> bool:
    """Whether a cue behind says what it is: `Is 480-22-1177 right? It is my SSN`. Not of small ones: *1000 members*."""
    return end - start >= _AFTER_FROM and bool(cues & near.after(end)) and not near.contrary(start)


def _judge(rule: Rule, cues: int, near: Surroundings, start: int, end: int) -> Span | None:
    text = near.view.text
    if rule.bounded and ((start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())):
        return None
    # Most checks cost less than a look at the words around, and where no word is needed, most candidates fail one.
    check = rule.check
    if check is not None and rule.confidence > 0.0:
        if not check(text[start:end]):
            return None
        check = None
    cued = cues and (cues & near.before(start) or (rule.after and _follows(cues, near, start, end)))
    if cued and start > 0 and text[start - 1] == "$" and rule.confidence < _TELLING:
        return None  # an amount
    confidence = rule.cued if cued else rule.confidence
    if confidence <= 0.0 or (check is not None and not check(text[start:end])):
        return None
    if not cued and rule.contrary != 1.0:
        if is_part(text, start, end):
            return None
        if near.contrary(start):
            confidence *= rule.contrary
    return Span(start, end, rule.type, confidence)
