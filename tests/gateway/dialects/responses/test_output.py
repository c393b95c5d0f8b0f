"""Whatever a model's server says becomes items that the SDKs can read; nothing that it said is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseOutputItem
from pydantic import TypeAdapter

from gateway.dialects.responses import output

Json = dict[str, Any]
ITEM: TypeAdapter[Any] = TypeAdapter(ResponseOutputItem)


def items(message: object, *, is_whole: bool = True, **more: Any) -> list[Json]:
    found = output.items_of({"message": message, **more}, "07", is_whole=is_whole)
    for item in found:
        ITEM.validate_python(item, strict=True)
    return found


def call(name: str, arguments: object, call_id: object = "call_1") -> Json:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_an_answer_is_a_message() -> None:
    (item,) = items({"role": "assistant", "content": "Hello"})
    assert (item["id"], item["type"], item["role"], item["status"]) == ("msg_07_0", "message", "assistant", "completed")
    assert item["content"] == [{"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}]


def test_thoughts_come_first_and_calls_last() -> None:
    found = items(
        {"reasoning_content": "Hm.", "content": "So:", "tool_calls": [call("f", "{}"), call("g", "{}", "call_2")]}
    )
    assert [item["id"] for item in found] == ["rs_07_0", "msg_07_1", "fc_07_2", "fc_07_3"]
    assert found[0]["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert [item["call_id"] for item in found[2:]] == ["call_1", "call_2"]


def test_calls_with_nothing_said_are_not_a_message() -> None:
    assert [item["type"] for item in items({"content": None, "tool_calls": [call("f", "{}")]})] == ["function_call"]
    assert [item["type"] for item in items({"content": None})] == ["message"]


def test_of_an_answer_that_was_cut_short_the_last_item_is() -> None:
    found = items({"reasoning": "Hm.", "content": "So"}, is_whole=False)
    assert [item["status"] for item in found] == ["completed", "incomplete"]


def test_a_refusal_is_a_part_of_its_own() -> None:
    (item,) = items({"content": None, "refusal": "No."})
    assert item["content"] == [{"type": "refusal", "refusal": "No."}]


def test_other_ways_to_say_it() -> None:
    """Mistral answers in parts, some servers give arguments as objects or calls without ids."""
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": "So"},
        {"type": "text", "text": "!"},
    ]
    thoughts, message = items({"content": content})
    assert thoughts["content"][0]["text"] == "Hm."
    assert message["content"][0]["text"] == "So!"
    (found,) = items({"tool_calls": [call("f", {"a": 1}, None)]})
    assert (found["arguments"], found["call_id"]) == ('{"a":1}', found["id"])


def test_log_probabilities_have_their_bytes() -> None:
    token = {
        "token": "é",
        "logprob": -0.5,
        "bytes": None,
        "top_logprobs": [{"token": "e", "logprob": -2, "bytes": [101]}],
    }
    (item,) = items({"content": "é"}, logprobs={"content": [token], "refusal": None})
    assert item["content"][0]["logprobs"] == [
        {
            "token": "é",
            "logprob": -0.5,
            "bytes": [195, 169],
            "top_logprobs": [{"token": "e", "logprob": -2, "bytes": [101]}],
        }
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "function", "name", "arguments", "type", "text", "token"]), inner)
    ),
    max_leaves=6,
)
FIELDS = ["content", "reasoning", "reasoning_content", "refusal", "tool_calls", "role", "logprobs", "thinking"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), json_values)
def test_whatever_is_said_can_be_read(message: Json, logprobs: object) -> None:
    assert items(message, logprobs=logprobs)


@pytest.mark.parametrize("value", [None, 5, "a", [], [1], {"content": 5}, {"content": [{"token": 5, "logprob": "x"}]}])
def test_log_probabilities_that_are_none(value: object) -> None:
    assert all(token["token"] == "" for token in output.logprobs_of(value))
