"""A value spread over the strings of a body is found, and each of its parts is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import Content, Origin, Segment, content_of
from router.sensitivity.budget import Budget
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner
from router.sensitivity.spanning import joined, may_span

CARD = "4970 1012 3456 7893"
IBAN = "DE89 3704 0044 0532 0130 00"
MAIL = "ada.byron77@example.org"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def bodies(value: str) -> dict[str, dict[str, Any]]:
    a, b = value[:9], value[9:]
    return {
        "content parts": {"messages": [user([{"type": "text", "text": f"save {a}"}, {"type": "text", "text": b}])]},
        "turns": {"messages": [user(f"it begins {a}"), {"role": "assistant", "content": "go on"}, user(b)]},
        "turns in a row": {"messages": [user(a), user(f"{b} is the rest")]},
        "a list": {"input": [value[at : at + 4] for at in range(0, len(value), 4)]},
        "characters": {"letters": list(value.replace(" ", ""))},
        "key and value": {"metadata": {a: b}} if value == IBAN else {"x": [a, b]},
        "tool call and result": {
            "messages": [
                {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": a}}]},
                {"role": "tool", "content": b},
            ]
        },
    }


@pytest.mark.parametrize("value", [CARD, IBAN, MAIL])
@pytest.mark.parametrize("where", bodies(IBAN))
def test_is_found_across(scanner: Scanner, where: str, value: str) -> None:
    content = content_of(bodies(value)[where])
    kinds = {finding.type for finding in scanner.scan(content).findings}
    assert kinds & {"CREDIT_CARD", "IBAN", "EMAIL"}


def test_every_part_is_named(scanner: Scanner) -> None:
    content = Content((Segment("a", Origin.USER, f"pay to {IBAN[:9]}"), Segment("b", Origin.USER, f"{IBAN[9:]} now")))
    findings = scanner.scan(content).findings
    assert [finding for finding in findings if finding.type == "IBAN"] == [
        Finding(0, 7, 16, "IBAN", 0.98),
        Finding(1, 0, len(IBAN) - 9, "IBAN", 0.98),
    ]


def test_offsets_are_those_of_the_text_as_it_was_sent(scanner: Scanner) -> None:
    first, second = "é pay \u200b4970\u200b 1012", " 34\u200b56 7893"
    content = Content((Segment("a", Origin.USER, first), Segment("b", Origin.USER, second)))
    one, two = scanner.scan(content).findings
    assert first[one.start : one.end] == "4970\u200b 1012"
    assert second[two.start : two.end] == " 34\u200b56 7893"


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "system", "content": "Answer in 12 words"}, user("4 apples cost 7 euros")]},
        {"metadata": {"user": "84721", "time": "1700000000"}},
        {"metadata": {"a": CARD[:10], "b": CARD[10:]}},
        {"input": ["2019", "2020", "2021", "2022", "2023"]},
    ],
)
def test_leaves_neighbours_alone(scanner: Scanner, body: dict[str, Any]) -> None:
    assert scanner.scan(content_of(body)).findings == ()


def test_whole_values_side_by_side_are_not_joined(scanner: Scanner) -> None:
    content = Content((Segment("a", Origin.USER, MAIL), Segment("b", Origin.USER, MAIL)))
    assert scanner.scan(content).findings == (
        Finding(0, 0, len(MAIL), "EMAIL", 0.95),
        Finding(1, 0, len(MAIL), "EMAIL", 0.95),
    )


@given(st.lists(st.text("0123456789@ab. ", max_size=12), max_size=6))
def test_nothing_to_join_is_seen_cheaply(texts: list[str]) -> None:
    segments = [Segment(f"m[{number}]", Origin.USER, text) for number, text in enumerate(texts)]
    if list(joined(segments, Budget(1000))):
        assert may_span(texts)
