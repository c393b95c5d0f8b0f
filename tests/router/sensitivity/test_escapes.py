"""If these fail, what stands at the start of a line is overlooked wherever text is written as JSON or code."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of
from router.sensitivity.escapes import without_escapes
from router.sensitivity.scanner import Scanner

SCANNER = Scanner.default()
FIRST_IN_ITS_LINE = (
    "IBAN:\nFR7630006000011234567890189",
    "key:\nsk-proj-abcdefghijklmnopqrstuvwx1234567890ABCDEF",
    "ssn\n078-05-1120",
    "tel\n06 12 34 56 78",
    "Card\n4970\n1000\n0000\n0154",
)


@pytest.mark.parametrize("text", FIRST_IN_ITS_LINE)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_json_hides_nothing(text: str, depth: int) -> None:
    """As text, as JSON, and as JSON in JSON."""
    written = text
    for _ in range(depth):
        written = json.dumps({"note": written})
    arguments = [{"id": "c", "type": "function", "function": {"name": "look", "arguments": written}}]
    for message in ({"role": "tool", "content": written}, {"role": "assistant", "tool_calls": arguments}):
        content = content_of({"messages": [message]})
        (finding, *_) = SCANNER.scan(content).findings
        found = content.segments[finding.segment].text[finding.start : finding.end]
        assert text.split("\n")[1][:4] in found


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\\nb\\tc\\rd", "a \nb \nc \nd"),
        ("C:\\\\temp", "C: \n emp"),
        ("a\\u0041", "a\\u0041"),
        ("a\nb", "a\nb"),
        ('{\\"a\\": 1}', '{\\"a\\": 1}'),
    ],
)
def test_what_is_read(text: str, plain: str) -> None:
    assert without_escapes(["x", text]) == ["x", plain]


@given(st.text(alphabet="\\nrt x7", max_size=20))
def test_offsets_hold(text: str) -> None:
    assert len(without_escapes([text])[0]) == len(text)


def test_a_long_run_of_backslashes_takes_time_in_proportion() -> None:
    text = "\\" * 200_000
    started = time.process_time()
    assert without_escapes([text]) == [text]
    assert time.process_time() - started < 1.0  # square, it is a minute
