"""A user loses: an answer that is judged by what it does not say."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pipeline.looked import answer_of, answer_so_far, question_of, text_of
from router.cascade.answer import Token, ToolCall

TOP = [{"token": "It", "logprob": -0.5}, {"token": "So", "logprob": -2}]
LOGPROBS = {"content": [{"token": "It", "logprob": -0.5, "top_logprobs": TOP}]}
TOLD = (Token("It", -0.5, -2.0),)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["messages", "response_format", "tools", "tool_choice", "choices", "json_schema"])


def completion(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop", **more}]}


def test_a_question_is_what_the_user_said_last() -> None:
    turns = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}]
    assert question_of({"messages": [*turns, {"role": "user", "content": "C?"}]}, 0.4).prompt == "C?"
    parts = [{"type": "text", "text": "D?"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "E?"}]
    assert question_of({"messages": [*turns, {"role": "user", "content": parts}]}, 0.4).prompt == "D?\nE?"
    assert question_of({"messages": turns}, 0.4) == question_of({"messages": turns}, 0.4)._replace(difficulty=0.4)


def test_forms_that_are_asked_for() -> None:
    schema = {"type": "object"}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert question_of({"response_format": form}, None).schema == schema
    assert question_of({"response_format": {"type": "json_object"}}, None).wants_object
    assert not question_of({"response_format": {"type": "text"}}, None).wants_object


def test_tools_that_may_be_called() -> None:
    tool = {"type": "function", "function": {"name": "time", "parameters": {"type": "object"}}}
    assert question_of({"tools": [tool]}, None).tools == {"time": {"type": "object"}}
    assert question_of({"tools": [tool, {"type": "web_search"}]}, None).tools is None
    assert question_of({"tools": [], "tool_choice": "auto"}, None) == question_of({}, None)
    assert question_of({"tool_choice": "required"}, None).must_call == ""
    assert question_of({"tool_choice": {"type": "function", "function": {"name": "time"}}}, None).must_call == "time"


def test_a_whole_answer() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "time", "arguments": "{}"}}
    answer = answer_of(completion({"content": None, "tool_calls": [call]}, logprobs=LOGPROBS))
    assert answer.calls == (ToolCall("time", "{}"),)
    assert answer.tokens == TOLD
    assert answer.is_whole
    assert text_of(completion({"content": "It is."})) == "It is."
    assert text_of(completion({"content": None})) is None


def test_what_was_taken_out_counts() -> None:
    assert answer_of(completion({"content": "It"}), [json.dumps(LOGPROBS).encode()]).tokens == (
        Token("It", -0.5, -2.0),
    )
    assert answer_of(completion({"content": "It"}), [b'{"content": ['], "Again").tokens == ()


def test_a_stream_is_put_together() -> None:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode()

    first = {"index": 0, "id": "1", "function": {"name": "time", "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": part}} for part in ('{"a"', ": 1}")]
    chunks = [chunk({"content": "It "}), chunk({"content": "is"}), chunk({"tool_calls": [first]})]
    chunks += [chunk({"tool_calls": [piece]}) for piece in pieces]
    answer = answer_so_far([*chunks, chunk({}, "tool_calls"), b'{"choices": []}'], is_whole=True)
    assert (answer.text, answer.finish) == ("It is", "tool_calls")
    assert answer.calls == (ToolCall("time", '{"a": 1}'),)
    assert not answer_so_far(chunks, is_whole=False).is_whole


@settings(deadline=None)
@given(st.dictionaries(NAMES, ANYTHING), ANYTHING)
def test_whatever_stands_there_asks_for_nothing_and_says_nothing(body: dict[str, Any], said: Any) -> None:
    assert question_of(body, None).difficulty is None
    assert text_of(said) is None or isinstance(text_of(said), str)
    answer_of({"choices": [said]})


def test_an_event_that_was_let_through_unread_and_is_none_says_nothing() -> None:
    events = [
        b'{"choices": [{"delta": {"content": "Yes"}}]}',
        b"{oops}",
        b'{"choices": [{"delta": {"content": "\xff"}}]}',
    ]
    assert answer_so_far(events, is_whole=False).text == "Yes"
