"""A value that a program, a browser or a reader puts together again is found; neighbours that only look so are not."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of_text
from router.sensitivity.detector import Span
from router.sensitivity.detectors import default_detectors
from router.sensitivity.pieces import PROVE_NOTHING, proves, runs, telling
from router.sensitivity.rule import RuleDetector
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of

CARD = "4970101234567893"
IBAN = "DE89370400440532013000"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def pieces(value: str, between: str, width: int = 4) -> str:
    return between.join(value[at : at + width] for at in range(0, len(value), width))


@pytest.mark.parametrize("value", [CARD, IBAN, "ada.byron77@example.org"])
@pytest.mark.parametrize(
    "text",
    [
        '["{pieces}"]',
        '"".join(["{pieces}"])',
        "CONCAT('{single}')",
        "'{pipes}'",
        "{tags}",
        "{comments}",
        "{html}",
        "{brackets}",
        '{plus}"',
    ],
)
def test_is_found_in_pieces(scanner: Scanner, text: str, value: str) -> None:
    written = text.format(
        pieces=pieces(value, '", "'),
        single=pieces(value, "', '"),
        pipes=pieces(value, "' || '"),
        tags=pieces(value, "<wbr>"),
        comments=pieces(value, "/**/"),
        html=pieces(value, "<!-- -->"),
        brackets=pieces(value, "]["),
        plus=f's = "{pieces(value, chr(34) + chr(10) + "s += " + chr(34))}',
    )
    (finding,) = scanner.scan(content_of_text(f"use {written} there")).findings
    assert finding.type in {"CREDIT_CARD", "IBAN", "EMAIL"}


def test_a_list_of_characters(scanner: Scanner) -> None:
    findings = scanner.scan(content_of_text(f"chars = {json.dumps(list(CARD))}")).findings
    assert [finding.type for finding in findings] == ["CREDIT_CARD"]


def test_fields_of_an_object_need_a_word_or_a_form_that_says_it_all(scanner: Scanner) -> None:
    def found(arguments: object) -> list[str]:
        return [finding.type for finding in scanner.scan(content_of_text(json.dumps(arguments))).findings]

    assert found({"first": IBAN[:11], "second": IBAN[11:]}) == ["IBAN"]
    assert found({"row": CARD[:8], "time": CARD[8:]}) == []


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(["4970", "red", "blue"]),
        json.dumps({"width": "1920", "height": "1080", "depth": "24"}),
        "a[1][2] and b[3][4]",
        "<td>2019</td><td>4711</td>",
        "x = 2**10 + 3**12 + 5**14",
        '{"zip": "10115", "city": "Berlin"}',
    ],
)
def test_leaves_neighbours_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()


def test_what_needs_no_joint_is_not_widened(scanner: Scanner) -> None:
    text = '{"name": "Doe", "email": "ada.byron@example.org"}'
    (mail,) = (each for each in scanner.scan(content_of_text(text)).findings if each.type == "EMAIL")
    assert text[mail.start : mail.end] == "ada.byron@example.org"


def test_a_finding_must_reach_over_a_joint() -> None:
    view = view_of("0123456789")._replace(joints=(4,))
    assert proves(Span(2, 8, "IBAN", 0.98), view)
    assert not proves(Span(4, 8, "IBAN", 0.98), view)
    assert not proves(Span(2, 8, "PERSON", 1.0), view)
    assert not proves(Span(2, 8, "CREDIT_CARD", 0.8), view._replace(floor=0.9))


@given(st.lists(st.sampled_from(["1", "@", "a" * 20, "b" * 19 + " ", "c" * 17, "\n", "2", "3"]), max_size=40))
def test_pieces_are_looked_for_around_digits_enough_and_addresses(parts: list[str]) -> None:
    data = "".join(parts).encode()
    near = re.compile(rb"[0-9@](?:[^0-9@]{0,56}[0-9@]){5,}|@")
    assert list(telling(data)) == [(*each.span(), b"@" in each.group()) for each in near.finditer(data)]


def test_a_run_knows_whether_fields_are_named() -> None:
    (run,) = runs(view_of('"123456", "other": "7890"'))
    assert run.keyed
    (run,) = runs(view_of('"123456", "7890"'))
    assert not run.keyed


def test_detectors_of_what_proves_nothing_exist_and_find_nothing_that_does() -> None:
    detectors = {detector.name: detector for detector in default_detectors()}
    assert detectors.keys() >= PROVE_NOTHING
    ruled = [each for name in PROVE_NOTHING if isinstance(each := detectors[name], RuleDetector)]
    assert ruled
    for rule in (rule for detector in ruled for rule in detector.rules):
        assert not proves(Span(0, 9, rule.type, 1.0), view_of("some words")._replace(joints=(4,)))
