"""Anchored: costly expressions are tried only behind a word, and each try is paid from the budget: no text is slow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View


class Reader(NamedTuple):
    """`trigger` wakes it; `pattern` begins where `anchor` does ; `spans` judges what it matched."""

    trigger: str
    anchor: str
    pattern: re.Pattern[str]
    spans: Callable[[str, re.Match[str]], Iterator[Span]]
    steps: int = 4
    """Of the budget, for one try."""


class ReaderDetector:
    """Runs the readers whose triggers hit."""

    def __init__(self, name: str, readers: Sequence[Reader]) -> None:
        self.name = name
        self.triggers = tuple(reader.trigger for reader in readers)
        self._readers = tuple((reader, Pattern(reader.anchor)) for reader in readers)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        text, data, size = view.text, view.data, len(view.data)
        for hit in hits:
            (reader, anchor), position = self._readers[hit], 0
            view.budget.spend_pass(size)
            while (stands := anchor.search(data, position, size)) is not None:
                view.budget.spend(reader.steps)
                start, end, _, _ = stands
                match = reader.pattern.match(text, start)
                if match is not None:
                    yield from reader.spans(text, match)
                    end = match.end()
                position = max(end, position + 1)
