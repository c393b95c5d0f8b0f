"""If these fail, what an Anthropic client asks for is lost on the way to a model, or bad input is a 500."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.anthropic.request import Question, question_of
from gateway.wire.errors import BadRequest
from gateway.wire.http import Request

MESSAGES = [{"role": "user", "content": "Hi"}]
TOOL = {"name": "weather", "input_schema": {"type": "object"}}


def question(body: object, *, counts_only: bool = False, **headers: str) -> Question:
    fields = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    request = Request("POST", "/v1/messages", fields, json.dumps(body).encode(), "req_1")
    return question_of(request, counts_only=counts_only)


def ask(**more: Any) -> dict[str, Any]:
    return {"model": "auto", "max_tokens": 100, "messages": MESSAGES, **more}


def chat(**more: Any) -> dict[str, Any]:
    return question(ask(**more)).call.body


def test_the_least_request() -> None:
    found = question(ask())
    assert found.call.body == {"model": "auto", "max_tokens": 100, "messages": MESSAGES}
    assert (found.call.route, found.call.request_id, found.call.choices) == ("auto", "req_1", 1)
    assert not found.call.streamed
    assert not found.shows_thoughts


def test_fields_of_the_same_name_and_unknown_ones_pass() -> None:
    more = {"temperature": 0.5, "top_p": 0.9, "top_k": 5, "min_p": 0.1, "seed": 7, "vendor": {"nested": [1, None]}}
    found = chat(**more)
    assert {name: found[name] for name in more} == more


def test_other_words_for_the_same() -> None:
    found = chat(
        system="Be brief.",
        stop_sequences=["END", "\n"],
        metadata={"user_id": "u-1"},
        tools=[TOOL],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
    )
    assert found["messages"] == [{"role": "system", "content": "Be brief."}, *MESSAGES]
    assert found["stop"] == ["END", "\n"]
    assert found["user"] == "u-1"
    assert found["tools"][0]["function"]["name"] == "weather"
    assert (found["tool_choice"], found["parallel_tool_calls"]) == ("required", False)
    assert not found.keys() & {"system", "stop_sequences", "metadata"}


def test_what_changes_no_answer_stays_behind() -> None:
    left = {
        "service_tier": "auto",
        "speed": "fast",
        "cache_control": {"type": "ephemeral"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
        "diagnostics": {"previous_message_id": None},
        "metadata": {},
    }
    assert chat(**left).keys() == {"model", "max_tokens", "messages"}


@pytest.mark.parametrize(
    ("name", "value"), [("container", "c_1"), ("mcp_servers", [{"url": "x"}]), ("inference_geo", "us"), ("n", 2)]
)
def test_what_cannot_be_carried_is_named(name: str, value: object) -> None:
    with pytest.raises(BadRequest) as caught:
        chat(**{name: value})
    assert (caught.value.param, caught.value.code) == (name, "unsupported_value")
    assert name not in chat(**{name: None})


def test_a_stream_asks_for_usage() -> None:
    found = question(ask(stream=True)).call
    assert (found.streamed, found.wants_usage, found.body["stream"]) == (True, True, True)
    assert not question(ask(stream=False)).call.wants_usage
    assert json.loads(found.upstream_body("m"))["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("thinking", "shown", "effort"),
    [
        (None, False, None),
        ({"type": "enabled", "budget_tokens": 2048}, True, None),
        ({"type": "adaptive"}, True, None),
        ({"type": "adaptive", "display": "summarized"}, True, None),
        ({"type": "adaptive", "display": "omitted"}, False, None),
        ({"type": "between_tools"}, True, None),
        ({"type": "disabled"}, False, "none"),
    ],
)
def test_thinking(thinking: object, shown: bool, effort: str | None) -> None:
    found = question(ask(thinking=thinking))
    assert found.shows_thoughts is shown
    assert found.call.body.get("reasoning_effort") == effort
    assert "thinking" not in found.call.body


def test_effort_and_format() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    found = chat(output_config={"effort": "low", "format": {"type": "json_schema", "schema": schema}})
    assert found["reasoning_effort"] == "low"
    assert found["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }
    of_the_beta = chat(output_format={"type": "json_schema", "schema": schema})
    assert of_the_beta["response_format"] == found["response_format"]
    assert chat(output_config={"effort": "high"}, thinking={"type": "disabled"})["reasoning_effort"] == "none"
    assert chat(output_config={"effort": None, "format": None}).keys() == {"model", "max_tokens", "messages"}


def test_labels_and_cache_directives_reach_the_pipeline() -> None:
    found = question(
        ask(metadata={"tidegate_locality": "local"}), x_tidegate_locality="eu+local", cache_control="no-store"
    ).call
    assert (found.localities, found.cache_control) == (("eu+local", "local"), "no-store")


def test_all_tools_are_streamed_eagerly_by_the_beta() -> None:
    tools = [TOOL, {**TOOL, "name": "other", "eager_input_streaming": False}]
    betas = "tools-2024-04-04,fine-grained-tool-streaming-2025-05-14"
    assert question(ask(tools=tools), anthropic_beta=betas).eager == {"weather"}
    assert question(ask(tools=tools)).eager == frozenset()


def test_the_beginning_of_an_answer_cannot_be_carried() -> None:
    messages = [*MESSAGES, {"role": "assistant", "content": "{"}]
    with pytest.raises(BadRequest) as caught:
        chat(messages=messages)
    assert caught.value.param == "messages"
    assert question({"model": "auto", "messages": messages}, counts_only=True).call.route == "auto"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"max_tokens": 1, "messages": MESSAGES}, "model"),
        (ask(model=5), "model"),
        ({"model": "auto", "messages": MESSAGES}, "max_tokens"),
        (ask(max_tokens=0), "max_tokens"),
        (ask(max_tokens=True), "max_tokens"),
        (ask(max_tokens=1.5), "max_tokens"),
        (ask(stream="yes"), "stream"),
        (ask(stop_sequences="END"), "stop_sequences"),
        (ask(stop_sequences=[1]), "stop_sequences"),
        (ask(metadata=[]), "metadata"),
        (ask(metadata={"user_id": 5}), "metadata.user_id"),
        (ask(metadata={"tidegate_locality": 5}), "metadata.tidegate_locality"),
        (ask(thinking="on"), "thinking"),
        (ask(thinking={"type": "wild"}), "thinking.type"),
        (ask(output_config=[]), "output_config"),
        (ask(output_config={"effort": ["low"]}), "output_config.effort"),
        (ask(output_config={"effort": "none"}), "output_config.effort"),
        (ask(output_config={"format": {"type": "xml"}}), "output_config.format.type"),
        (ask(output_config={"format": {"type": "json_schema"}}), "output_config.format.schema"),
        (ask(output_format=5), "output_format"),
    ],
)
def test_what_is_wrong_is_named(body: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        question(body)
    assert caught.value.param == param
    assert caught.value.status == 400


words = st.sampled_from(
    ["user", "assistant", "system", "text", "image", "tool_use", "tool_result", "thinking", "base64", "url", "enabled"]
)
names = st.sampled_from(
    """type role content text source data url media_type id name input tool_use_id is_error thinking input_schema
    strict effort format schema user_id budget_tokens display eager_input_streaming""".split()  # noqa: SIM905
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.floats(allow_nan=False) | st.text(max_size=5) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)
fields = st.sampled_from(
    """model messages system max_tokens stop_sequences stream metadata tools tool_choice thinking output_config
    output_format temperature stop stream_options n""".split()  # noqa: SIM905
)


@given(st.dictionaries(fields, json_values) | json_values, st.booleans())
def test_any_json_is_a_call_or_a_bad_request(body: object, whole: bool) -> None:
    if whole and isinstance(body, dict):
        body = {**ask(), **body}
    with contextlib.suppress(BadRequest):
        found = question(body)
        assert found.call.upstream_body("m")
