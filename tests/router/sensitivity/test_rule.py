"""A cue raises, a contrary word lowers, and no text makes it slow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from router.sensitivity.budget import TooManyCandidatesError
from router.sensitivity.cues import Cue
from router.sensitivity.patterns import PatternSet
from router.sensitivity.rule import NumberDetector, Rule, RuleDetector
from router.sensitivity.shape import shape_of, shape_of_pattern
from router.sensitivity.view import view_of

RULE = Rule("PHONE", r"\d{6}", 0.6, None, Cue.PHONE, cued=0.9)


def confidence(text: str, rule: Rule = RULE) -> list[float]:
    return [span.confidence for span in RuleDetector("test", [rule]).find(view_of(text), [0])]


def test_words_around_decide() -> None:
    assert confidence("123456") == [0.6]
    assert confidence("call 123456") == [0.9]
    assert confidence("order 123456") == [0.3]


def test_part_of_a_longer_word_is_nothing() -> None:
    assert confidence("x123456") == []
    assert confidence("1234567") == []


def test_check_decides_and_search_goes_on_behind() -> None:
    rule = Rule("PHONE", r"\d{3}(?: \d{3})?", 0.6, lambda text: text == "222")
    assert confidence("111 222", rule) == [0.6]


def test_a_group_is_the_finding() -> None:
    rule = Rule("PHONE", r"id=(\d+)", 0.6)
    (span,) = RuleDetector("test", [rule]).find(view_of("id=77"), [0])
    assert (span.start, span.end) == (3, 5)


def test_numbers_are_judged_where_they_stand() -> None:
    detector = NumberDetector(
        "test", [Rule("A", r"\d{6}", 0.0, None, Cue.CARD, cued=0.8), Rule("B", r"\d{3}-\d{3}", 0.7)]
    )
    assert numbers(detector, "card 123456, then 123-456.") == {("A", 0.8), ("B", 0.7)}
    assert numbers(detector, "no cue for 123456") == set()


def test_numbers_are_worth_reading_with_a_form_or_a_word() -> None:
    detector = NumberDetector(
        "test", [Rule("A", r"\d{6}", 0.0, None, Cue.CARD, cued=0.8), Rule("B", r"\d{3}-\d{3}", 0.7)]
    )
    for text, worth in (("no cue for 123456", False), ("Card 123456", True), ("123-456", True)):
        assert detector.worth(hits(detector, text), text.encode()) is worth, text
    assert detector.worth([0], b"123456\0metadata.credit_card")


def hits(detector: NumberDetector, text: str) -> Sequence[int]:
    return PatternSet(map(shape_of_pattern, detector.triggers)).match(shape_of(text.encode()))


def numbers(detector: NumberDetector, text: str) -> set[tuple[str, float]]:
    return {(span.type, span.confidence) for span in detector.find(view_of(text), hits(detector, text))}


def test_near_misses_are_bounded() -> None:
    rule = Rule("PHONE", r"\d{6}", 0.6, lambda text: text == "never")
    with pytest.raises(TooManyCandidatesError):
        confidence("123456 " * 10_000, rule)
