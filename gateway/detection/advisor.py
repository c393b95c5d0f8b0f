"""Advisor: what a plug-in is — a text in, spans out. It may be slow, it may fail; who asks it knows how to wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol


class Advice(NamedTuple):
    """Offsets into the text, the type of what stands there, how sure (0..1)."""

    start: int
    end: int
    type: str
    confidence: float


class Advisor(Protocol):
    def advise(self, text: str) -> Iterable[Advice]:
        """What is sensitive in a text. May raise. Always called from one and the same thread."""
        ...


class MakesAdvisor(Protocol):
    """What an entry point of the group `tidegate.detectors` names. Called in the thread in which it will work."""

    def __call__(self, options: Mapping[str, str]) -> Advisor: ...
