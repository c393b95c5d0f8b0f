"""If these fail, a model reads another conversation than the client had."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.responses.turns import Turns
from gateway.wire.errors import BadRequest

Json = dict[str, Any]
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
CHAT_CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}


def messages(*items: Json, instructions: str | None = None) -> list[Json]:
    turns = Turns(instructions)
    turns.add(items, "input")
    return turns.messages()


def said(role: str, *texts: str) -> Json:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text} for text in texts]}


def thought(*texts: str) -> Json:
    return {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": text} for text in texts]}


def test_texts_are_messages_whichever_way_they_are_written() -> None:
    assert messages({"role": "user", "content": "Hi"}, said("assistant", "Hello", "!"), said("user", "a", "b")) == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "a\nb"},
    ]


def test_what_is_asked_of_the_model_stands_at_the_top_in_one_message() -> None:
    """Many chat templates take one system message, and no developer."""
    found = messages(
        said("developer", "Be kind."), said("system", "In French."), said("user", "Hi"), instructions="Short."
    )
    assert found == [
        {"role": "system", "content": "Short.\n\nBe kind.\n\nIn French."},
        {"role": "user", "content": "Hi"},
    ]


def test_calls_of_one_turn_are_one_message_with_what_was_said() -> None:
    second = {**CALL, "call_id": "call_2"}
    assert messages(said("user", "?"), said("assistant", "Let me see."), CALL, second, RESULT) == [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [CHAT_CALL, {**CHAT_CALL, "id": "call_2"}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ]


def test_calls_with_nothing_said_are_a_message_of_their_own() -> None:
    found = messages(said("user", "?"), CALL, RESULT, {**CALL, "call_id": "call_3"})
    assert [message["role"] for message in found] == ["user", "assistant", "tool", "assistant"]
    assert found[1] == {"role": "assistant", "content": None, "tool_calls": [CHAT_CALL]}


def test_a_result_in_parts_is_a_text() -> None:
    parts = [{"type": "input_text", "text": "rain"}, {"type": "input_text", "text": "wind"}]
    assert messages(CALL, {**RESULT, "output": parts})[1]["content"] == "rain\nwind"


def test_thoughts_stay_with_the_call_that_is_being_answered() -> None:
    _, call, _ = messages(said("user", "?"), thought("I must look", "it up."), CALL, RESULT)
    assert call["reasoning_content"] == call["reasoning"] == "I must look\nit up."
    assert call["tool_calls"] == [CHAT_CALL]


def test_thoughts_of_earlier_turns_are_not_sent_again() -> None:
    found = messages(said("user", "a"), thought("old"), said("assistant", "b"), said("user", "c"), thought("lost"))
    assert found == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]


def test_what_is_encrypted_says_nothing_to_another_model() -> None:
    sealed = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    assert messages(said("user", "a"), sealed, CALL)[1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [CHAT_CALL],
    }
    summed_up = {**sealed, "summary": [{"type": "summary_text", "text": "thinking of Oslo"}]}
    assert messages(said("user", "a"), summed_up, CALL)[1]["reasoning"] == "thinking of Oslo"


def test_pictures_sound_and_files_are_carried() -> None:
    parts = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "original"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        {"type": "input_file", "file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"},
        {"type": "input_file", "file_data": "AA"},
    ]
    (message,) = messages({"role": "user", "content": parts})
    assert message["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_data": "AA", "filename": "file"}},
    ]


def test_a_refusal_was_said_too() -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert messages(item) == [{"role": "assistant", "content": "No."}]


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({}, "input[0].type"),
        ({"type": "web_search_call", "id": "ws_1"}, "input[0].type"),
        ({"type": "message"}, "input[0].role"),
        ({"role": "tool", "content": "a"}, "input[0].role"),
        ({"role": ["user"], "content": "a"}, "input[0].role"),
        ({"role": "user"}, "input[0].content"),
        ({"role": "user", "content": 5}, "input[0].content"),
        ({"role": "user", "content": ["a"]}, "input[0].content[0]"),
        ({"role": "user", "content": [{"type": "input_text"}]}, "input[0].content[0].text"),
        ({"role": "user", "content": [{"type": "input_video"}]}, "input[0].content[0].type"),
        ({"role": "user", "content": [{"type": "input_image", "file_id": "file_1"}]}, "input[0].content[0].file_id"),
        ({"role": "user", "content": [{"type": "input_image"}]}, "input[0].content[0].image_url"),
        ({"role": "user", "content": [{"type": "input_file", "file_url": "a"}]}, "input[0].content[0].file_url"),
        ({"role": "user", "content": [{"type": "input_file", "file_id": "file_1"}]}, "input[0].content[0].file_id"),
        ({"role": "user", "content": [{"type": "input_audio"}]}, "input[0].content[0].input_audio"),
        (
            {"role": "system", "content": [{"type": "input_image", "image_url": "https://a"}]},
            "input[0].content",
        ),
        ({**CALL, "call_id": None}, "input[0].call_id"),
        ({**CALL, "arguments": {}}, "input[0].arguments"),
        ({**RESULT, "output": None}, "input[0].output"),
        ({**RESULT, "output": [{"type": "input_image", "image_url": "https://a"}]}, "input[0].output"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_named(item: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        messages(item)
    assert caught.value.param == param
