"""If these fail, a conversation loses a part on its way, or a tool's result is taken for another one's."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.ollama.messages import chat_messages
from gateway.wire.errors import BadRequest


def calls(*names: str) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"function": {"name": name, "arguments": {}}} for name in names]}


def ids(messages: list[dict[str, Any]]) -> list[str]:
    """Which call each result belongs to."""
    return [message["tool_call_id"] for message in chat_messages(messages) if message["role"] == "tool"]


def test_plain_messages_stay_as_they_are() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert chat_messages(messages) == messages


def test_arguments_become_text_and_calls_get_an_id() -> None:
    call = {"function": {"index": 0, "name": "add", "arguments": {"a": 1, "b": {"c": "ü"}}}}
    (message,) = chat_messages([{"role": "assistant", "content": "", "tool_calls": [call]}])
    (found,) = message["tool_calls"]
    assert (found["id"], found["type"], found["function"]["name"]) == ("call00001", "function", "add")
    assert found["function"]["arguments"] == '{"a":1,"b":{"c":"ü"}}'
    assert message["content"] == ""


def test_ids_are_given_anew_and_tie_the_same() -> None:
    """Random letters look like a secret, and would keep a conversation at home."""
    spoken = calls("add", "add")
    for call, number in zip(spoken["tool_calls"], ("call_9fK2xQ7bTz4LwRpV", "call_Zt81mNc0YeUj3HsG"), strict=True):
        call["id"] = number
    results = [{"role": "tool", "content": "x", "tool_call_id": call["id"]} for call in reversed(spoken["tool_calls"])]
    assert ids([spoken, *results]) == ["call00002", "call00001"]
    assert [call["id"] for call in chat_messages([spoken])[0]["tool_calls"]] == ["call00001", "call00002"]
    assert ids([spoken, {**results[0], "tool_call_id": "call_of_another_conversation"}]) == ["call00003"]


@pytest.mark.parametrize(
    ("called", "answered", "expected"),
    [
        (["a"], ["a"], ["call00001"]),
        (["a", "b"], ["b", "a"], ["call00002", "call00001"]),
        (["a", "a"], ["a", "a"], ["call00001", "call00002"]),
        (["a", "b"], ["", ""], ["call00001", "call00002"]),
        (["a"], ["c"], ["call00002"]),  # of a tool that was not called: it belongs to nothing
        ([], ["a"], ["call00001"]),
        ([], [""], ["call00001"]),
    ],
)
def test_a_result_goes_to_the_call_of_its_tool(called: list[str], answered: list[str], expected: list[str]) -> None:
    results = [{"role": "tool", "content": "x", **({"tool_name": name} if name else {})} for name in answered]
    assert ids([calls(*called) if called else {"role": "user", "content": "x"}, *results]) == expected


def test_results_of_several_rounds_are_told_apart() -> None:
    result = {"role": "tool", "content": "x", "tool_name": "a"}
    assert ids([calls("a"), result, calls("a"), result]) == ["call00001", "call00002"]


def test_thoughts_are_sent_under_both_names_in_use_while_a_turn_is_in_progress() -> None:
    thought = {"role": "assistant", "content": "x", "thinking": "hm"}
    user = {"role": "user", "content": "y"}
    sent = {"role": "assistant", "content": "x", "reasoning_content": "hm", "reasoning": "hm"}
    assert chat_messages([user, thought]) == [user, sent]
    assert chat_messages([thought, user, thought]) == [{"role": "assistant", "content": "x"}, user, sent]


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("iVBORw0KGgoAAAA", "data:image/png;base64,iVBORw0KGgoAAAA"),
        ("/9j/4AAQ", "data:image/jpeg;base64,/9j/4AAQ"),
        ("R0lGODlh", "data:image/gif;base64,R0lGODlh"),
        ("UklGRiQA", "data:image/webp;base64,UklGRiQA"),
        ("iVBORw0KGgo\nAAAA\n", "data:image/png;base64,iVBORw0KGgoAAAA"),
        ("data:image/webp;base64,UklG", "data:image/webp;base64,UklG"),
        ("unknown", "data:image/png;base64,unknown"),
    ],
)
def test_images(image: str, url: str) -> None:
    (message,) = chat_messages([{"role": "user", "content": "What is it?", "images": [image]}])
    assert message["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]


def test_an_image_needs_no_words() -> None:
    (message,) = chat_messages([{"role": "user", "images": ["/9j/"]}])
    assert [part["type"] for part in message["content"]] == ["image_url"]


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("x", "messages[0]"),
        ({}, "messages[0].role"),
        ({"role": 5}, "messages[0].role"),
        ({"role": "user", "content": ["x"]}, "messages[0].content"),
        ({"role": "user", "content": {"x": 1}}, "messages[0].content"),
        ({"role": "user", "images": "x"}, "messages[0].images"),
        ({"role": "user", "images": [""]}, "messages[0].images[0]"),
        ({"role": "user", "images": ["/9j/", 5]}, "messages[0].images[1]"),
        ({"role": "user", "images": ["https://example.com/a.png"]}, "messages[0].images[0]"),
        ({"role": "assistant", "thinking": 5}, "messages[0].thinking"),
        ({"role": "assistant", "tool_calls": {}}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": ["x"]}, "messages[0].tool_calls[0]"),
        ({"role": "assistant", "tool_calls": [{}]}, "messages[0].tool_calls[0].function.name"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"role": "tool", "tool_name": 5}, "messages[0].tool_name"),
    ],
)
def test_what_is_wrong_is_named(message: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_messages([message])
    assert caught.value.param == param


def test_arguments_nested_without_end_are_a_bad_request() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(BadRequest):
        chat_messages([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": deep}}]}])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("role", "content", "images", "tool_calls", "tool_name", "tool_call_id", "thinking", "name")


@given(st.lists(json_values | st.dictionaries(st.sampled_from(NAMES), json_values), max_size=4))
def test_any_json_is_a_conversation_or_a_bad_request(messages: list[object]) -> None:
    with contextlib.suppress(BadRequest):
        found = chat_messages(messages)
        assert len(found) == len(messages)


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.dictionaries(st.text(max_size=8), json_values, max_size=4)),
        min_size=1,
        max_size=4,
    )
)
def test_arguments_read_back_are_what_they_were(called: list[tuple[str, dict[str, Any]]]) -> None:
    tool_calls = [{"function": {"name": name, "arguments": arguments}} for name, arguments in called]
    (message,) = chat_messages([{"role": "assistant", "tool_calls": tool_calls}])
    found = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in message["tool_calls"]]
    assert found == called
    assert len({call["id"] for call in message["tool_calls"]}) == len(called)
