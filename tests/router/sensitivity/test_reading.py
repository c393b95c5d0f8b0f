"""Only what was hit is read, and nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from router.content import Content, Origin, Segment, content_of_text
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import View


class Noting:
    """Finds the whole text, and notes which texts it was shown."""

    name = "noting"
    triggers = ("needle",)

    def __init__(self, confidence: float = 0.9) -> None:
        self.shown: list[tuple[str, str]] = []
        self._confidence = confidence

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        self.shown.append((view.text, view.label))
        return [Span(0, len(view.text), "THING", self._confidence)]


class Glancing(Noting):
    """Finds its first letter at a glance."""

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        return {index: [Span(0, 1, "GLANCE", 0.9)] for index in range(len(texts))}


def segments(*texts: str) -> Content:
    return Content(tuple(Segment(f"metadata.some_{number}", Origin.USER, text) for number, text in enumerate(texts)))


def test_only_the_segment_that_was_hit_is_read() -> None:
    noting = Noting()
    scan = Scanner([noting]).scan(segments("hay", "a needle", "more hay"))
    assert noting.shown == [("a needle", "some 1")]
    assert [(finding.segment, finding.start, finding.end) for finding in scan.findings] == [(1, 0, 8)]


def test_what_a_glance_has_found_is_not_read_again() -> None:
    glancing = Glancing()
    scan = Scanner([glancing]).scan(segments("hay", "a needle"))
    assert glancing.shown == [("a needle", "some 1")]
    assert [(finding.segment, finding.type) for finding in scan.findings] == [(0, "GLANCE"), (1, "THING")]


def test_below_its_threshold_a_span_is_no_finding() -> None:
    assert Scanner([Noting(0.4)]).scan(segments("a needle")).findings == ()


def test_a_long_text_is_read_without_a_glance() -> None:
    glancing = Glancing()
    scan = Scanner([glancing]).scan(segments("a" * 5_000))
    assert [finding.type for finding in scan.findings] == ["THING"]


def test_offsets_are_those_of_the_text_as_it_was_sent() -> None:
    (finding,) = Scanner([Noting()]).scan(segments("\u200ba nee\u200bdle")).findings
    assert (finding.start, finding.end) == (1, 10)


def test_two_types_in_one_place_are_both_told() -> None:
    """A policy may know either: who opens one must not open the other with it."""
    text = "Kundin ist STRENG VERTRAULICH, account phone 0151 23456789"
    kinds = {finding.type for finding in Scanner.default().scan(content_of_text(text)).findings}
    assert {"CLASSIFICATION", "PHONE", "ACCOUNT_ID"} <= kinds
