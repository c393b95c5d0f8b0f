"""If these fail, what a model said is overlooked, or an answer in an unusual shape becomes a failure of the gateway."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.anthropic.reading import (
    CallPart,
    calls_in,
    first_choice,
    input_of,
    is_object,
    refusal_in,
    thoughts_in,
    words_in,
)


def test_the_first_choice_is_the_one() -> None:
    first, second = {"index": 0, "delta": {"content": "a"}}, {"index": 1}
    assert first_choice({"choices": [second, first]}) == first
    assert first_choice({"choices": [{"delta": {}}]}) == {"delta": {}}
    for odd in ({}, {"choices": None}, {"choices": "x"}, {"choices": [None, 5]}, {"choices": [second]}):
        assert first_choice(odd) == {}


def test_thoughts_have_two_names_and_are_told_once() -> None:
    assert thoughts_in({"reasoning_content": "Hm."}) == "Hm."
    assert thoughts_in({"reasoning": "Hm."}) == "Hm."
    assert thoughts_in({"reasoning": "Hm.", "reasoning_content": "Hm."}) == "Hm."
    assert thoughts_in({"reasoning": {"effort": "low"}, "reasoning_content": None}) == ""


def test_words_may_come_in_parts() -> None:
    assert words_in({"content": "Hi"}) == "Hi"
    parts = [{"type": "text", "text": "H"}, {"type": "thinking", "thinking": []}, "x", {"type": "text", "text": "i"}]
    assert words_in({"content": parts}) == "Hi"
    assert words_in({"content": None}) == words_in({}) == words_in({"content": 5}) == ""
    assert (refusal_in({"refusal": "No."}), refusal_in({"refusal": None})) == ("No.", "")


def test_calls_and_pieces_of_them() -> None:
    call = {"index": 1, "id": "c", "type": "function", "function": {"name": "look", "arguments": "{"}}
    assert calls_in({"tool_calls": [call]}) == [CallPart(1, "c", "look", "{")]
    assert calls_in({"tool_calls": [{"function": {"arguments": {"a": 1}}}]}) == [CallPart(None, "", "", '{"a":1}')]
    assert calls_in({"tool_calls": [None, {"function": 5}]}) == [CallPart(None, "", "", "")]
    assert calls_in({"tool_calls": None}) == calls_in({"tool_calls": "x"}) == calls_in({}) == []


def test_arguments_that_cannot_be_written_are_none() -> None:
    deep: object = "x"
    for _ in range(300):
        deep = {"a": deep}
    assert calls_in({"tool_calls": [{"function": {"arguments": deep}}]}) == [CallPart(None, "", "", "")]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "{}"),
        (" \n", "{}"),
        ("{}", "{}"),
        ('{"a": 12345678901234567890123, "a": 1.0}\n', '{"a": 12345678901234567890123, "a": 1.0}\n'),  # as written
        ('{"city": "Par', '{"INVALID_JSON":"{\\"city\\": \\"Par"}'),
        ("[1]", '{"INVALID_JSON":"[1]"}'),
        ("rain", '{"INVALID_JSON":"rain"}'),
        ("{} {}", '{"INVALID_JSON":"{} {}"}'),
    ],
)
def test_an_input_is_an_object(arguments: str, expected: str) -> None:
    assert input_of(arguments).decode() == expected


@given(st.text())
def test_whatever_the_arguments_the_input_is_an_object(arguments: str) -> None:
    assert isinstance(json.loads(input_of(arguments)), dict)


@given(st.dictionaries(st.text(), st.text() | st.integers(0, 9) | st.none() | st.lists(st.text())), st.data())
def test_an_object_is_known_by_its_end(value: dict[str, object], data: st.DataObject) -> None:
    written = json.dumps(value)
    assert is_object(written)
    assert not is_object(written[: data.draw(st.integers(0, len(written) - 1))])
