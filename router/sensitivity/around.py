"""Around: patterns that hold a rare sign are looked for around it, instead of along the whole text.

A pattern that may begin at any letter needs a state for every mixture of beginnings, and outgrows its memory on text
full of words. Around the sign there are few. One that begins with its sign needs no automaton at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from router.sensitivity.budget import Budget
from router.sensitivity.patterns import Pattern


class Anchor(NamedTuple):
    """What every match of a pattern holds (RE2), and how many characters the match has at most on either side.

    Both are counted from where `pattern` begins. Every place in which it stands is `steps`.
    """

    pattern: str
    before: int
    behind: int
    steps: int = 1


class Around:
    """Any of `within`, where their anchor stands.

    Several are the alternatives of one pattern, for which one automaton would have too many states: the first that
    begins counts, of those that begin together the one that is named first.
    """

    __slots__ = ("_before", "_behind", "_sign", "_steps", "_within")

    def __init__(self, within: Sequence[Pattern], anchor: Anchor) -> None:
        sign, self._before, self._behind, self._steps = anchor
        self._sign = Pattern(sign)
        # Where nothing may stand before the sign, no other beginning is looked for.
        self._within = tuple(each.search if self._before else each.match for each in within)

    def search(self, budget: Budget, data: bytes, start: int, end: int) -> tuple[int, int, int, int] | None:
        """As `Pattern.search`; every sign is paid for."""
        position = start
        while (found := self._sign.search(data, position, end)) is not None:
            budget.spend(self._steps)
            at = found[0]
            position = at + 1
            match: tuple[int, int, int, int] | None = None
            for within in self._within:
                other = within(data, max(start, at - self._before), min(end, at + self._behind))
                if other is not None and (match is None or other[0] < match[0]):
                    match = other
            if match is not None and match[0] <= at < match[1]:
                return match
        return None


class Onward:
    """`pattern`, where its anchor stands, with which it begins: tried there and nowhere else, by `re`.

    An automaton that counts hundreds of characters takes as many kilobytes, and `re` takes one. What may stand here
    fails, if it does, without trying again what it has read: characters of a kind, counted, and signs between them.
    """

    __slots__ = ("_behind", "_group", "_pattern", "_sign", "_steps")

    def __init__(self, pattern: str, anchor: Anchor) -> None:
        self._sign, self._behind, self._steps = Pattern(anchor.pattern), anchor.behind, anchor.steps
        self._pattern = re.compile(pattern.encode())
        self._group = min(self._pattern.groups, 1)

    def search(self, budget: Budget, data: bytes, start: int, end: int) -> tuple[int, int, int, int] | None:
        """As `Around.search`."""
        position = start
        while (found := self._sign.search(data, position, end)) is not None:
            budget.spend(self._steps)
            at = found[0]
            position = at + 1
            match = self._pattern.match(data, at, min(end, at + self._behind))
            if match is not None:
                return (*match.span(), *match.span(self._group))
        return None
