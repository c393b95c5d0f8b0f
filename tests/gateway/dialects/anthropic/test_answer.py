"""If these fail, an Anthropic client cannot read an answer, or takes it for another kind than it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.dialects.anthropic.answer import whole
from tests.gateway.dialects.anthropic.asking import THINKING, Json, question

USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


def completion(message: Json, finish: object = "stop", usage: object = USAGE, **choice: Any) -> Json:
    said = {"role": "assistant", "content": None, **message}
    return {"id": "x", "choices": [{"index": 0, "message": said, "finish_reason": finish, **choice}], "usage": usage}


def answer(message: Json, *args: Any, asked: Json | None = None, **more: Any) -> Json:
    found: Json = json.loads(whole(completion(message, *args, **more), question(**(asked or {}))))
    return found


def call(name: str, arguments: object, call_id: str = "call_1") -> Json:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_all_that_a_message_has() -> None:
    assert answer({"content": "Hello."}) == {
        "id": "msg_0123",
        "type": "message",
        "role": "assistant",
        "model": "auto",
        "content": [{"type": "text", "text": "Hello."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 9,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 4,
        },
    }


def test_thoughts_are_a_block_of_their_own_for_those_who_asked() -> None:
    said = {"content": "Yes.", "reasoning_content": "Hm."}
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": ""}
    assert answer(said, asked=THINKING)["content"] == [thinking, {"type": "text", "text": "Yes."}]
    assert answer(said)["content"] == [{"type": "text", "text": "Yes."}]  # who reads the first block reads the answer


def test_calls_are_blocks_with_their_input_read() -> None:
    found = answer(
        {"content": "I look.", "tool_calls": [call("a", '{"x": [1, {}]}'), call("b", "", ""), call("c", "{oops")]},
        "tool_calls",
    )
    assert found["stop_reason"] == "tool_use"
    assert found["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "call_1", "name": "a", "input": {"x": [1, {}]}},
        {"type": "tool_use", "id": "toolu_0123_1", "name": "b", "input": {}},
        {"type": "tool_use", "id": "call_1", "name": "c", "input": {"INVALID_JSON": "{oops"}},
    ]


def test_numbers_in_an_input_are_as_the_model_wrote_them() -> None:
    body = whole(completion({"tool_calls": [call("a", '{"n": 123456789012345678901234567890}')]}), question())
    assert b"123456789012345678901234567890" in body


@pytest.mark.parametrize(
    ("message", "choice", "reason", "sequence"),
    [
        ({"content": "a"}, {"finish": "stop"}, "end_turn", None),
        ({"content": "a"}, {"finish": "length"}, "max_tokens", None),
        ({"content": "a"}, {"finish": "content_filter"}, "refusal", None),
        ({"content": "a"}, {"finish": None}, "end_turn", None),
        ({"content": "a"}, {"finish": "eos"}, "end_turn", None),
        ({"content": "a"}, {"finish": ["stop"]}, "end_turn", None),
        ({"content": "a"}, {"finish": "stop", "stop_reason": "END"}, "stop_sequence", "END"),  # vLLM
        ({"content": "a"}, {"finish": "stop", "matched_stop": "END"}, "stop_sequence", "END"),  # SGLang
        ({"content": "a"}, {"finish": "stop", "stop_reason": 151645}, "end_turn", None),  # a token, not a text
        ({"content": "a"}, {"finish": "stop", "stop_reason": "other"}, "end_turn", None),
        ({"content": "a"}, {"finish": "length", "stop_reason": "END"}, "max_tokens", None),
        ({"tool_calls": [call("a", "{}")]}, {"finish": "stop"}, "tool_use", None),  # agents go by the reason
        ({"tool_calls": [call("a", "{}")]}, {"finish": "length"}, "max_tokens", None),
        ({"refusal": "No."}, {"finish": "stop"}, "refusal", None),
    ],
)
def test_why_it_ended(message: Json, choice: Json, reason: str, sequence: str | None) -> None:
    found = answer(message, asked={"stop_sequences": ["END"]}, **choice)
    assert (found["stop_reason"], found["stop_sequence"]) == (reason, sequence)


def test_a_refusal_is_said() -> None:
    assert answer({"refusal": "No."})["content"] == [{"type": "text", "text": "No."}]


def test_an_answer_may_be_empty() -> None:
    assert answer({"content": ""}, "length")["content"] == []


def test_input_tokens_are_those_that_no_cache_had() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 10},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    assert answer({"content": "a"}, usage=usage)["usage"] == {
        "input_tokens": 30,
        "cache_creation_input_tokens": 10,
        "cache_read_input_tokens": 60,
        "output_tokens": 30,
        "output_tokens_details": {"thinking_tokens": 20},
    }


@pytest.mark.parametrize("usage", [None, {}, [], "x", {"prompt_tokens": -1, "completion_tokens": 2}])
def test_tokens_that_nobody_counted_are_estimated(usage: object) -> None:
    found = answer({"content": "12345678", "reasoning": "1234"}, usage=usage)["usage"]
    assert (found["input_tokens"], found["output_tokens"]) == (2, 3)  # of "auto" and "Hi!!", and of twelve


@pytest.mark.parametrize("message", [{"content": 5, "tool_calls": "x", "refusal": []}, {"tool_calls": [None]}])
def test_what_is_no_answer_at_all_is_an_empty_one(message: Json) -> None:
    assert answer(message)["content"] == []
