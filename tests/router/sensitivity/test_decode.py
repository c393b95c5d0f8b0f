"""A value written another way is still the value."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of_text
from router.sensitivity.budget import TooManyCandidatesError
from router.sensitivity.decode import BLOB_TRIGGER, TRIGGERS, hidden_views
from router.sensitivity.patterns import PatternSet
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of

MAIL = "ada.byron@example.org"
CARD = "4970 1012 3456 7893"
ALL = (*TRIGGERS, BLOB_TRIGGER)
TRIGGER_SET = PatternSet(ALL)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def found(scanner: Scanner, text: str) -> dict[str, str]:
    return {finding.type: text[finding.start : finding.end] for finding in scanner.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        (base64.b64encode(MAIL.encode()).decode(), "EMAIL"),
        (base64.b64encode(base64.b64encode(MAIL.encode())).decode(), "EMAIL"),
        (MAIL.encode().hex(), "EMAIL"),
        ("".join(f"%{ord(char):02X}" for char in MAIL), "EMAIL"),
        ("".join(f"\\u{ord(char):04x}" for char in MAIL), "EMAIL"),
        ("".join(f"\\\\u{ord(char):04x}" for char in MAIL), "EMAIL"),  # in a string of a tool's arguments
        ("".join(f"\\\\\\\\x{ord(char):02x}" for char in CARD), "CREDIT_CARD"),
        ("".join(f"&#{ord(char)};" for char in MAIL), "EMAIL"),
        (quote(MAIL), "EMAIL"),
        (" ".join(MAIL), "EMAIL"),
        ("ada.byron [at] example [dot] org", "EMAIL"),
        (" ".join(CARD.replace(" ", "")), "CREDIT_CARD"),
        (".".join(CARD.replace(" ", "")), "CREDIT_CARD"),
        ('"4970 1012 34" + "56 7893"', "CREDIT_CARD"),
        ("4970 1012\n3456 7893", "CREDIT_CARD"),
    ],
)
def test_finds_what_is_hidden(scanner: Scanner, hidden: str, kind: str) -> None:
    assert kind in found(scanner, f"here it is: {hidden}, thanks")


def test_decoded_finding_covers_the_whole_code(scanner: Scanner) -> None:
    code = base64.b64encode(MAIL.encode()).decode()
    assert found(scanner, f"look: {code} ok")["EMAIL"] == code


def test_digits_in_words(scanner: Scanner) -> None:
    words = "four nine seven zero one zero one two three four five six seven eight nine three"
    assert found(scanner, f"my card is {words} please") == {"CREDIT_CARD": words}


@pytest.mark.parametrize(
    "text", ["some_function_name(with, arguments)", "a b c d", "100 % of 20 %", "line one\nline two", "Describe it"]
)
def test_plain_text_has_no_second_reading(text: str) -> None:
    assert list(hidden_views(view_of(text), TRIGGER_SET.match(text.encode()))) == []


@given(st.text())
def test_every_reading_leads_back(text: str) -> None:
    for hidden in hidden_views(view_of(text), range(len(ALL))):
        start, end = hidden.original(0, len(hidden.text))
        assert 0 <= start <= end <= len(text)


def test_more_readings_than_a_text_has_any_business_to() -> None:
    with pytest.raises(TooManyCandidatesError):
        list(hidden_views(view_of("aB1cD2eF3gH " * 40_000), range(len(ALL))))


def test_lines_of_a_log_are_whole(scanner: Scanner) -> None:
    """A line ends with a number and the next begins with its time: joined, they would all be read twice."""
    lines = [f"2026-11-{day:02d}T08:15:{day:02d}.123Z GET /items took={day * 7}" for day in range(1, 29)]
    log = view_of("\n".join(lines))
    assert list(hidden_views(log, [1])) == []
    assert "CREDIT_CARD" in found(scanner, f"{CARD[:10]}\n{CARD[10:]}")
