"""What is measured is of the size and the kind it says."""

from __future__ import annotations

from bench.detection.cost import cut, least
from bench.detection.rows import Row
from router.content import content_of_text
from router.policy import DEFAULT_POLICY
from router.sensitivity.scanner import Scanner
from router.settling import settles


def test_texts_are_cut_to_size_by_kind() -> None:
    some = [Row(str(number), "s", "en", f"text {number} " * 40, "t", file="neg") for number in range(20)]
    some += [Row("few", "s", "en", "too few to say anything", "t", file="pos")]
    kinds = dict(cut(some, 200))
    assert set(kinds) == {"all kinds", "harmless"}
    assert {len(text) for texts in kinds.values() for text in texts} == {200}


def test_a_longer_text_takes_longer() -> None:
    scanner = Scanner.default()
    short, long = least(scanner, [content_of_text("Anna asks. "), content_of_text("Anna asks. " * 2_000)])
    assert 0.0 < short < long


def test_what_settles_a_decision_is_not_counted_to_its_end() -> None:
    """What a request costs, and what it costs to count everything, are two figures."""
    scanner, content = Scanner.default(), content_of_text("Write to ada.byron@example.org, please. " * 2_000)
    (usual,) = least(scanner, [content], settles((DEFAULT_POLICY,)))
    (whole,) = least(scanner, [content])
    assert 0.0 < usual < whole
