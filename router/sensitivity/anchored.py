"""Anchored: costly expressions are tried only behind a word, and each try is paid from the budget: no text is slow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from router.sensitivity.detector import Span
from router.sensitivity.view import View


class Reader(NamedTuple):
    """`trigger` (RE2) wakes it; `pattern` begins where `anchor` does; `spans` judges what it matched."""

    trigger: str
    anchor: re.Pattern[str]
    pattern: re.Pattern[str]
    spans: Callable[[str, re.Match[str]], Iterator[Span]]
    steps: int = 4
    """Of the budget, for one try."""


class ReaderDetector:
    """Runs the readers whose triggers hit."""

    def __init__(self, name: str, readers: Sequence[Reader]) -> None:
        self.name = name
        self.triggers = tuple(reader.trigger for reader in readers)
        self._readers = tuple(readers)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        for hit in hits:
            reader, text, position = self._readers[hit], view.text, 0
            view.budget.spend_pass(len(text))
            while (anchor := reader.anchor.search(text, position)) is not None:
                view.budget.spend(reader.steps)
                match = reader.pattern.match(text, anchor.start())
                if match is None:
                    position = max(anchor.end(), position + 1)
                else:
                    yield from reader.spans(text, match)
                    position = max(match.end(), position + 1)
