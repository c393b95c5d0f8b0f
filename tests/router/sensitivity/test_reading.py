"""Only what was hit is read, and nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from router.content import Content, Origin, Segment, content_of_text
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.scanner import Scanner
from router.sensitivity.settles import Settles
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


class Letters:
    """Finds each letter by itself, and counts those it was asked for."""

    name = "letters"
    triggers = ("needle",)

    def __init__(self, kind: str = "LETTER", size: int = 1) -> None:
        self.asked = 0
        self._kind, self._size = kind, size

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        del hits
        for start in range(0, len(view.text) - self._size + 1, self._size):
            self.asked += 1
            yield Span(start, start + self._size, self._kind, 0.9)


ANYTHING = Settles({}, 0.0)


def test_a_detector_is_left_in_the_middle_and_a_segment_too() -> None:
    letters, noting, glancing = Letters(), Noting(), Glancing()
    scan = Scanner([letters, noting, glancing], enough=4).scan(segments("a needle", "a needle"), ANYTHING)
    assert (letters.asked, noting.shown, glancing.shown) == (4, [], [])
    assert [(finding.segment, finding.start) for finding in scan.findings] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert scan.more


def test_what_says_nothing_new_is_not_counted() -> None:
    """Three detectors that find the same letters are no three findings."""
    scan = Scanner([Letters(), Letters(), Letters()], enough=9).scan(segments("a needle"), ANYTHING)
    assert (len(scan.findings), scan.more) == (8, False)


def test_a_segment_is_read_to_its_end_where_not_everything_settles() -> None:
    """A detector asked later may say something milder of the same place."""
    settles = Settles({"IBAN": inf}, 0.0)
    detectors = [Letters("PERSON"), Letters("IBAN", 8)]
    scan = Scanner(detectors, enough=4).scan(segments("a needle"), settles)
    assert [finding.type for finding in scan.findings] == ["IBAN"]
    assert not scan.more


def test_guesses_that_do_not_settle_are_read_over() -> None:
    settles = Settles({"PERSON": inf}, 0.0)
    letters = Letters("IBAN")
    scan = Scanner([Letters("PERSON"), letters], enough=4).scan(segments("a needle", "a needle"), settles)
    assert (letters.asked, scan.more) == (4, True)
    assert [finding.type for finding in scan.findings if finding.type == "IBAN"] == ["IBAN"] * 4


def test_a_glance_waits_for_what_was_hit_and_findings_stay_in_order() -> None:
    class Late(Glancing):
        """Glances, and is not woken by anything."""

        triggers = ("never",)

        def find_in(
            self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
        ) -> Mapping[int, Sequence[Span]]:
            self.shown.append((joined, ""))
            return super().find_in(segments, texts, joined, budget)

    content = segments("hay", "a needle", "more hay")
    late = Late()
    stopped = Scanner([Letters(), late], enough=4).scan(content, ANYTHING)
    assert (late.shown, len(stopped.findings), stopped.more) == ([], 4, True)
    whole = Scanner([Noting(), late], enough=5).scan(content, ANYTHING)
    assert [(finding.segment, finding.type) for finding in whole.findings] == [
        (0, "GLANCE"),
        (1, "THING"),
        (1, "GLANCE"),
        (2, "GLANCE"),
    ]
    assert not whole.more
