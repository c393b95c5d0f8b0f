"""Rules: a pattern, a check and the words that must stand near — most of what is sensitive can be declared so.

A rule's confidence is what it earns in bare text. A cue nearby (whole word, any of the languages) raises it to
`cued`; a word that speaks for something else (order, commit, version…) lowers it by `contrary`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import re2

from router.sensitivity.cues import CONTRARY
from router.sensitivity.detector import Span
from router.sensitivity.view import View


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` is RE2 over folded ASCII. If it has a group, the group is the finding, else the whole match."""

    type: str
    pattern: str
    confidence: float
    check: Callable[[str], bool] | None = None
    cues: re.Pattern[str] | None = None
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
        self._rules = tuple(rules)
        # Bytes in, bytes out: with str, google-re2 recounts characters for every match.
        self._patterns = tuple(re2.compile(rule.pattern.encode()) for rule in rules)
        self._groups = tuple(min(pattern.groups, 1) for pattern in self._patterns)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        for hit in hits:
            rule, group = self._rules[hit], self._groups[hit]
            position, text = 0, view.text
            pattern = self._patterns[hit]
            while (match := pattern.search(view.data, position)) is not None:
                start, end = match.span(group)
                span = _judge(rule, view, text, start, end)
                if span is not None:
                    yield span
                    position = match.end()
                else:
                    # What failed as a whole may hold a good one further in: go on behind its first run.
                    position = max(match.start() + 1, _next_start(text, start, end))
                if position >= len(text):
                    break


def _next_start(text: str, start: int, end: int) -> int:
    """Where to look again after a failed candidate: after its first word, so that the search stays linear."""
    while start < end and text[start].isalnum():
        start += 1
    return start


def _judge(rule: Rule, view: View, text: str, start: int, end: int) -> Span | None:
    if rule.bounded and ((start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())):
        return None
    if rule.check is not None and not rule.check(text[start:end]):
        return None
    confidence = rule.confidence
    before = view.before(start)
    if rule.cues is not None and (
        rule.cues.search(before) is not None or (rule.after and rule.cues.search(view.after(end)) is not None)
    ):
        confidence = rule.cued
    elif rule.contrary != 1.0 and CONTRARY.search(before[-28:]) is not None:
        confidence *= rule.contrary
    return Span(start, end, rule.type, confidence)
