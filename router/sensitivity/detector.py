"""Detector: the seam behind which every kind of sensitive text is found.

A detector names the patterns that wake it (`triggers`, RE2 syntax). The scanner runs all triggers of all detectors in
one pass over a text and calls only those detectors that were hit. A new kind of detection is a class of this shape and
one line in `detectors/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from router.sensitivity.view import View


class Span(NamedTuple):
    """A candidate found in a view: offsets into the view's text, entity type, confidence 0..1."""

    start: int
    end: int
    type: str
    confidence: float


class Detector(Protocol):
    """`find` gets the numbers of its own triggers that hit. It may raise: then the content stays local."""

    @property
    def name(self) -> str: ...

    @property
    def triggers(self) -> Sequence[str]: ...

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]: ...
