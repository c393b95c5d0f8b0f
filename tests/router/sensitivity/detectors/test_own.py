"""The operator's own words are found however they are written, and only as words."""

from __future__ import annotations

import base64

import pytest

from router.content import Content, Origin, Segment, content_of_text
from router.sensitivity.detectors.own import LONGEST_TERM, OwnDetector, OwnType, wrong_pattern, wrong_term
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner

OWN = OwnDetector(
    [
        OwnType("PROJECT", ("Bluebird", "Projekt Nachtigall", "C++ Core", "東京計画", "Соловей")),
        OwnType("EMPLOYEE_ID", (), (r"E-\d{6}", r"(?i)staff/(\d{4})")),
    ]
)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default([OWN])


def found(scanner: Scanner, text: str) -> list[tuple[str, str]]:
    findings = scanner.scan(content_of_text(text)).findings
    return [(each.type, text[each.start : each.end]) for each in findings if each.type in ("PROJECT", "EMPLOYEE_ID")]


@pytest.mark.parametrize(
    "written",
    [
        "Bluebird",
        "BLUEBIRD",
        "Bluebirds",
        "Blüebird",
        "Blue\u200bbird",
        "Вlueвird",
        "b l u e b i r d",
        "%42luebird",
        base64.b64encode(b"we call it Bluebird").decode(),
        "projekt nachtigall",
        "Projekt-Nachtigall",
        "PROJEKT_NACHTIGALLS",
        "Projekt\nNachtigall",
        "c++ core",
        "東京計画",
        "соловей",
    ],
)
def test_a_term_is_found_however_it_is_written(scanner: Scanner, written: str) -> None:
    assert found(scanner, f"about {written}, please") == [("PROJECT", written)]


@pytest.mark.parametrize("text", ["blackbluebirder", "a blue bird", "Projekt", "Nachtigall", "соловейка", "C Core"])
def test_a_term_is_a_whole_word(scanner: Scanner, text: str) -> None:
    assert found(scanner, f"about {text}, please") == []


def test_a_pattern_is_no_part_of_something_longer(scanner: Scanner) -> None:
    assert found(scanner, "E-123456, TE-123456, E-1234567") == [("EMPLOYEE_ID", "E-123456")]


def test_the_group_of_a_pattern_is_what_is_found(scanner: Scanner) -> None:
    assert found(scanner, "see STAFF/4711 there") == [("EMPLOYEE_ID", "4711")]


def test_every_segment_says_what_is_in_it(scanner: Scanner) -> None:
    texts = ("nothing here", "bluebird x bluebird", "E-123456")
    content = Content(tuple(Segment("a", Origin.USER, text) for text in texts))
    assert scanner.scan(content).findings == (
        Finding(1, 0, 8, "PROJECT", 0.95),
        Finding(1, 11, 19, "PROJECT", 0.95),
        Finding(2, 0, 8, "EMPLOYEE_ID", 0.95),
    )


def test_a_long_text_is_read_to_its_end(scanner: Scanner) -> None:
    text = "word " * 2_000 + "bluebird"
    assert found(scanner, text) == [("PROJECT", "bluebird")]


def test_what_ships_is_found_as_before(scanner: Scanner) -> None:
    text = "bluebird: write to ada@example.org"
    assert [each.type for each in scanner.scan(content_of_text(text)).findings] == ["PROJECT", "EMAIL"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "is no RE2 pattern: missing ): ("),
        ("(?=x)", "is no RE2 pattern"),
        (r"(a)\1", "is no RE2 pattern"),
        ("x{1001}", "is no RE2 pattern"),
        ("a*", "matches the empty text"),
        ("", "matches the empty text"),
        ("^", "matches the empty text"),
        ("é", "no ASCII"),
        ("a" * 1_001, "longer than 1000"),
        ("(?:a{1,999}){999}", "is no RE2 pattern"),
    ],
)
def test_a_pattern_that_is_none(pattern: str, why: str) -> None:
    assert why in wrong_pattern(pattern)
    with pytest.raises(ValueError, match="X: "):
        OwnDetector([OwnType("X", (), (pattern,))])


@pytest.mark.parametrize("term", ["", " ", "x", "--", "a" * (LONGEST_TERM + 1)])
def test_a_term_that_is_none(term: str) -> None:
    assert wrong_term(term)
    with pytest.raises(ValueError, match="X: "):
        OwnDetector([OwnType("X", (term,))])
