"""If these fail, a request goes to a deployment that leaves out what it asks for, or is kept from one that would do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import openai_completions
from gateway.pipeline.needs import needs_of
from gateway.wire.call import Call
from gateway.wire.endpoint import EMBEDDINGS
from gateway.wire.http import Request
from router.capability import CAPABILITIES, Needs
from router.content import content_of

TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
ASKED = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def chat(*parts: dict[str, Any], messages: list[Any] | None = None, **fields: Any) -> Needs:
    content: Any = [{"type": "text", "text": "Hi"}, *parts] if parts else "Hi"
    body = {"model": "auto", "messages": messages or [{"role": "user", "content": content}], **fields}
    return needs_of(Call(body=body, route="auto", request_id="r"), content_of(body))


def completion(**fields: Any) -> Needs:
    body = {"model": "auto", "prompt": "Once", **fields}
    call = openai_completions.call_of(Request("POST", "/v1/completions", {}, json.dumps(body).encode(), "r"))
    return needs_of(call, content_of(call.body))


def test_an_ordinary_chat_needs_nothing() -> None:
    fields: dict[str, Any] = {"temperature": 0.2, "max_tokens": 5, "user": "u", "stream": True, "anything": 1}
    assert chat() == chat(**fields) == {}


@pytest.mark.parametrize(
    ("field", "value", "capability"),
    [
        ("tools", [TOOL], "tools"),
        ("functions", [{"name": "f"}], "tools"),
        ("response_format", {"type": "json_schema", "json_schema": {}}, "json_schema"),
        ("logprobs", True, "logprobs"),
        ("top_logprobs", 3, "logprobs"),
        ("n", 2, "choices"),
        ("seed", 0, "seed"),
        ("stop", "x", "stop"),
        ("stop", ["x"], "stop"),
        ("modalities", ["text", "audio"], "audio"),
        ("audio", {"voice": "alloy"}, "audio"),
        ("reasoning_effort", "low", "reasoning"),
        ("reasoning", {"effort": "high"}, "reasoning"),
        ("thinking", {"type": "enabled", "budget_tokens": 1024}, "reasoning"),
    ],
)
def test_what_asks_for_more_names_itself(field: str, value: Any, capability: str) -> None:
    assert chat(**{field: value}) == {capability: field}


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": []},
        {"tools": None},
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "text"}},
        {"logprobs": False, "top_logprobs": 0},
        {"n": 1, "seed": None, "stop": None},
        {"stop": []},
        {"modalities": ["text"], "audio": None},
        {"reasoning_effort": "none"},
        {"reasoning_effort": None},
        {"reasoning": {"enabled": False}},
        {"reasoning": {"effort": "none"}},
        {"thinking": {"type": "disabled"}},
    ],
)
def test_what_is_declined_or_left_empty_asks_for_nothing(fields: dict[str, Any]) -> None:
    assert chat(**fields) == {}


@pytest.mark.parametrize(
    ("part", "capability"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}, "vision"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}, "vision"),
        ({"type": "video_url", "video_url": {"url": "https://example.com/cat.mp4"}}, "vision"),
        ({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}, "audio"),
        ({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}}, "files"),
    ],
)
def test_a_part_is_named_by_its_place(part: dict[str, Any], capability: str) -> None:
    assert chat(part) == {capability: "messages[0].content[1]"}
    assert chat(part, part) == {capability: "messages[0].content[1]"}


def test_words_about_images_and_base64_in_a_text_are_text() -> None:
    assert chat(messages=[{"role": "user", "content": "What is an image_url?"}]) == {}
    assert chat(messages=[{"role": "user", "content": "Read data:image/png;base64," + "iVBORw0K" * 99}]) == {}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, "tool_calls": [ASKED]},
        {"role": "tool", "tool_call_id": "c1", "content": "12"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
    ],
)
def test_calls_and_results_in_the_conversation_need_a_model_that_knows_tools(message: dict[str, Any]) -> None:
    messages = [{"role": "user", "content": "Hi"}, message]
    assert chat(messages=messages) == {"tools": "messages[1]"}
    assert chat(messages=messages, tools=[TOOL]) == {"tools": "tools"}
    assert chat(messages=[{"role": "assistant", "content": "x", "tool_calls": [], "refusal": None}]) == {}


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({}, {}),
        ({"logprobs": 0}, {"logprobs": "logprobs"}),
        ({"logprobs": None}, {}),
        ({"n": 2}, {"choices": "n"}),
        ({"best_of": 3}, {"choices": "best_of"}),
        ({"n": 1, "best_of": 1}, {}),
        ({"prompt": ["a", "b"]}, {"choices": "prompt"}),
        ({"prompt": ["a"]}, {}),
        ({"prompt": [1, 2, 3]}, {}),
        ({"echo": True}, {"echo": "echo"}),
        ({"echo": False}, {}),
        ({"suffix": "end"}, {"suffix": "suffix"}),
        ({"suffix": ""}, {}),
        ({"seed": 1, "stop": "x"}, {"seed": "seed", "stop": "stop"}),
        ({"tools": [TOOL], "response_format": {"type": "json_schema"}}, {}),
    ],
)
def test_a_completion_needs_its_endpoint_and_what_its_fields_ask_for(
    fields: dict[str, Any], more: dict[str, str]
) -> None:
    assert completion(**fields) == {"completions": "model", **more}


def test_embeddings_need_nothing_but_a_deployment_that_is_listed_for_them() -> None:
    body: dict[str, object] = {"model": "embed", "input": "x", "seed": 1}
    assert needs_of(Call(body=body, route="embed", request_id="r", endpoint=EMBEDDINGS), content_of(body)) == {}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.sampled_from(["audio", "image_url", "none"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "effort", "tool_calls", "role"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["tools", "messages", "n", "seed", "stop", "reasoning", "modalities", "response_format"]),
        values,
    )
)
def test_no_body_makes_it_fail(body: dict[str, object]) -> None:
    needs = needs_of(Call(body=body, route="auto", request_id="r"), content_of(body))
    assert needs.keys() <= set(CAPABILITIES)
    assert all(param.partition("[")[0] in body for param in needs.values())
