"""Patterns: RE2 with its memory bounded, over the ASCII bytes of a view.

RE2 builds its automaton as it reads and throws it away when its memory is full, so time stays linear in the text; these
limits keep a worker's memory small whatever it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

_PATTERN_MEMORY = 1 << 19  # bytes, for one pattern
_SET_MEMORY = 5 << 20  # bytes, for one set


def compiled(pattern: str) -> re2._Regexp:
    """A single pattern. Bytes in, bytes out: with `str`, google-re2 recounts characters for every match."""
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


class PatternSet:
    """Many patterns in one pass: which of them occur?"""

    def __init__(self, patterns: Iterable[str]) -> None:
        options = re2.Options()
        options.max_mem = _SET_MEMORY
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        self._size = 0
        for pattern in patterns:
            self._size = self._set.Add(pattern.encode()) + 1
        # Always hits. Where it does not, RE2 has given up for want of memory: then any pattern may occur.
        self._sentinel: int = self._set.Add(b"")
        self._set.Compile()

    def match(self, data: bytes) -> list[int]:
        """Indices of the patterns that occur in `data`, ascending; all of them if RE2 could not tell."""
        hits: list[int] = self._set.Match(data) or []
        if self._sentinel not in hits:
            return list(range(self._size))
        hits.remove(self._sentinel)
        hits.sort()
        return hits
