"""If this fails, a text made for it keeps a worker busy for seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from router.sensitivity.anchored import Reader, ReaderDetector
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.detector import Span
from router.sensitivity.view import view_of


def whole(text: str, match: re.Match[str]) -> Iterator[Span]:
    del text
    yield Span(*match.span(), "SECRET", 1.0)


DETECTOR = ReaderDetector("test", (Reader("door", "door", re.compile("door [0-9]+"), whole, steps=100),))


def test_the_expression_is_tried_behind_each_anchor() -> None:
    spans = DETECTOR.find(view_of("a door, door 12 and door 7"), [0])
    assert [(span.start, span.end) for span in spans] == [(8, 15), (20, 26)]


def test_each_try_is_paid_for() -> None:
    text = "door " * 1000
    with pytest.raises(TooManyCandidatesError):
        list(DETECTOR.find(view_of(text, budget=Budget(len(text))), [0]))
