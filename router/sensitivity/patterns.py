"""Patterns: RE2 with its memory bounded, over the ASCII bytes of a view.

RE2 builds its automaton as it reads and throws it away when its memory is full, so time stays linear in the text; these
limits keep a worker's memory small whatever it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import re2

_UNANCHORED: Final = re2._re2.RE2.Anchor.UNANCHORED
_AT_START: Final = re2._re2.RE2.Anchor.ANCHOR_START
PATTERN_MEMORY = 1 << 19  # bytes, for one pattern
_NONE: tuple[int, ...] = ()
_SET_MEMORY = 1 << 20  # bytes, for one set that does not say otherwise


def compiled(pattern: str, memory: int = PATTERN_MEMORY) -> re2._Regexp:
    """A single pattern. Bytes in, bytes out: with `str`, google-re2 recounts characters for every match."""
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


class Pattern:
    """A single pattern where it is asked for often: places only, without the objects of a match."""

    __slots__ = ("_match", "group")

    def __init__(self, pattern: str, memory: int = PATTERN_MEMORY) -> None:
        expression = compiled(pattern, memory)
        self._match = expression._regexp.Match  # what `search` calls, without its glue: a third of the cost
        self.group = min(expression.groups, 1)

    def search(self, data: bytes, start: int, end: int) -> tuple[int, int, int, int] | None:
        """The first match in `data[start:end]`: where it begins and ends, where its first group (or itself) does."""
        spans: list[tuple[int, int]] = self._match(_UNANCHORED, data, start, end)
        whole = spans[0]
        return None if whole[0] < 0 else whole + spans[self.group]

    def match(self, data: bytes, start: int, end: int) -> tuple[int, int, int, int] | None:
        """The match that begins at `start`: an automaton that need not expect others has far fewer states."""
        spans: list[tuple[int, int]] = self._match(_AT_START, data, start, end)
        whole = spans[0]
        return None if whole[0] < 0 else whole + spans[self.group]

    def each(self, data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
        """All matches in `data[start:end]`, none of which overlaps another. The pattern may not match nothing."""
        size = len(data) if end is None else min(end, len(data))
        while (match := self.search(data, start, size)) is not None:
            yield match
            start = match[1]


class PatternSet:
    """Many patterns in one pass: which of them occur?"""

    __slots__ = ("_size", "raw")

    def __init__(self, patterns: Iterable[str], memory: int = _SET_MEMORY) -> None:
        options = re2.Options()
        options.max_mem = memory
        options.log_errors = False
        expressions = re2.Set.SearchSet(options)
        self._size = 0
        for pattern in patterns:
            self._size = expressions.Add(pattern.encode()) + 1
        # Always hits. Where it does not, RE2 has given up for want of memory: then any pattern may occur.
        expressions.Add(b"")
        expressions.Compile()
        # What `match` calls, for those who ask very often: one entry says that nothing occurs, `read` tells the rest.
        # It is what RE2's own `Match` calls, without its glue.
        self.raw: Callable[[bytes], list[int]] = expressions._set.Match

    def match(self, data: bytes) -> Sequence[int]:
        """Indices of the patterns that occur in `data`, ascending; all of them if RE2 could not tell."""
        return self.read(self.raw(data))

    def read(self, raw: list[int]) -> Sequence[int]:
        """What `raw` said, as `match` says it."""
        if len(raw) == 1:
            return _NONE
        if not raw:
            return range(self._size)
        raw.sort()
        raw.pop()
        return raw
