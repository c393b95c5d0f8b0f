"""If these fail, a model is told something else than the client said, or in an order that it does not understand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.dialects.anthropic.turns import chat_messages
from gateway.wire.errors import BadRequest

Json = dict[str, Any]
PIXEL = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
PIXEL_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def text(said: str, **more: Any) -> Json:
    return {"type": "text", "text": said, **more}


def use(call_id: str, **arguments: Any) -> Json:
    return {"type": "tool_use", "id": call_id, "name": "look", "input": arguments}


def result(call_id: str, content: object = None, **more: Any) -> Json:
    found = {"type": "tool_result", "tool_use_id": call_id, **more}
    return found if content is None else {**found, "content": content}


def thought(said: str) -> Json:
    return {"type": "thinking", "thinking": said, "signature": "c2lnbmF0dXJl"}


def user(content: object) -> Json:
    return {"role": "user", "content": content}


def assistant(*content: Json) -> Json:
    return {"role": "assistant", "content": list(content)}


def told(*messages: Json, system: object = None) -> list[Json]:
    return chat_messages(system, list(messages))


def test_plain_turns_are_what_they_are() -> None:
    turns = [user("Hi"), {"role": "assistant", "content": "Hello."}, user("Bye")]
    assert told(*turns) == turns


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("Be brief.", "Be brief."),
        ([text("Be brief.", cache_control={"type": "ephemeral"})], "Be brief."),
        ([text("Be brief."), text("Be kind.")], "Be brief.\nBe kind."),
    ],
)
def test_the_system_prompt_comes_first(system: object, expected: str) -> None:
    assert told(user("Hi"), system=system)[0] == {"role": "system", "content": expected}


def test_a_system_message_stays_where_it_stands() -> None:
    messages = told(user("Hi"), {"role": "system", "content": [text("Now in French.")]}, user("Bye"))
    assert [message["role"] for message in messages] == ["user", "system", "user"]
    assert messages[1]["content"] == "Now in French."


def test_texts_are_one_text_and_beside_an_image_they_are_parts() -> None:
    assert told(user([text("a"), text("b")])) == [user("a\nb")]
    assert told(user([text("What is this?"), PIXEL])) == [user([text("What is this?"), PIXEL_PART])]
    url = {"type": "image", "source": {"type": "url", "url": "https://example.org/cat.png"}}
    assert told(user([url]))[0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}
    ]


def test_two_turns_of_a_user_are_one() -> None:
    assert told(user("a"), user([text("b"), text("c")])) == [user("a\nb\nc")]
    assert told(user("a"), user([PIXEL]), user("b")) == [user([text("a"), PIXEL_PART, text("b")])]


def test_cache_marks_and_signatures_stay_behind() -> None:
    turns = told(
        user([text("Hi", cache_control={"type": "ephemeral"})]),
        assistant(thought("Hm."), {**use("toolu_1"), "cache_control": {"type": "ephemeral"}}),
        user([result("toolu_1", "ok", cache_control={"type": "ephemeral"})]),
    )
    assert "cache_control" not in json.dumps(turns)
    assert "c2lnbmF0dXJl" not in json.dumps(turns)


def test_calls_and_their_results() -> None:
    turns = told(
        user("Weather in Rome and Oslo?"),
        assistant(text("I look."), use("toolu_A", city="Rome"), use("toolu_B", city="Oslo", days=[1, 2])),
        user([result("toolu_B", "rain"), result("toolu_A", [text("sun"), text("hot")]), text("So?")]),
    )
    assert turns[1] == {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [
            {"id": "call00001", "type": "function", "function": {"name": "look", "arguments": '{"city":"Rome"}'}},
            {
                "id": "call00002",
                "type": "function",
                "function": {"name": "look", "arguments": '{"city":"Oslo","days":[1,2]}'},
            },
        ],
    }
    assert turns[2:] == [
        {"role": "tool", "tool_call_id": "call00002", "content": "rain"},
        {"role": "tool", "tool_call_id": "call00001", "content": "sun\nhot"},
        user("So?"),
    ]


def test_results_come_right_behind_their_calls_whatever_the_order() -> None:
    turns = told(user("?"), assistant(use("toolu_1")), user([text("First."), result("toolu_1", "ok")]))
    assert [message["role"] for message in turns] == ["user", "assistant", "tool", "user"]
    assert turns[1]["content"] is None


@pytest.mark.parametrize(
    ("block", "content"),
    [
        (result("toolu_1"), ""),
        (result("toolu_1", ""), ""),
        (result("toolu_1", []), ""),
        (result("toolu_1", "no such file", is_error=True), "Error: no such file"),
        (result("toolu_1", is_error=True), "Error"),
        (result("toolu_1", "fine", is_error=False), "fine"),
    ],
)
def test_what_a_tool_said(block: Json, content: str) -> None:
    assert told(user("?"), assistant(use("toolu_1")), user([block]))[-1] == {
        "role": "tool",
        "tool_call_id": "call00001",
        "content": content,
    }


def test_what_a_tool_showed_follows_its_words() -> None:
    shown = result("toolu_1", [text("before"), PIXEL, text("after")])
    turns = told(user("?"), assistant(use("toolu_1"), use("toolu_2")), user([shown, result("toolu_2", "2"), text("!")]))
    assert turns[2]["content"] == "before\n(The image follows below.)\nafter"
    assert turns[3]["role"] == "tool"
    assert turns[4] == user([PIXEL_PART, text("!")])


def test_thoughts_are_kept_between_a_call_and_its_result_and_no_longer() -> None:
    done = assistant(thought("Old."), text("Yes."))
    looking = assistant(thought("First."), thought("Then."), use("toolu_1"))
    turns = told(user("a"), done, user("b"), looking, user([result("toolu_1", "ok"), text("(reminder)")]))
    assert turns[1] == {"role": "assistant", "content": "Yes."}
    assert turns[3]["reasoning_content"] == turns[3]["reasoning"] == "First.\nThen."
    later = told(user("a"), looking, user([result("toolu_1", "ok")]), assistant(text("Done.")), user("c"))
    assert all("reasoning" not in message for message in later)


def test_thoughts_that_only_their_writer_can_read_stay_behind() -> None:
    hidden = {"type": "redacted_thinking", "data": "EncryptedThoughts=="}
    assert "Encrypted" not in json.dumps(told(user("a"), assistant(hidden, text("Yes.")), user("b")))
    assert told(user("a"), assistant(hidden), user("b"))[1] == {"role": "assistant", "content": ""}


@pytest.mark.parametrize(
    ("message", "param"),
    [
        (user([{"type": "document", "source": {"type": "text", "data": "x"}}]), "messages[0].content[0]"),
        (user([text("a"), {"type": "search_result", "title": "x"}]), "messages[0].content[1]"),
        (user([{"type": "container_upload", "file_id": "file_1"}]), "messages[0].content[0]"),
        (user([use("toolu_1")]), "messages[0].content[0]"),
        (user([thought("x")]), "messages[0].content[0]"),
        (user([{"type": "image", "source": {"type": "file", "file_id": "f"}}]), "messages[0].content[0].source"),
        (assistant({"type": "server_tool_use", "id": "x"}), "messages[0].content[0]"),
        (assistant(result("toolu_1")), "messages[0].content[0]"),
        (assistant(PIXEL), "messages[0].content[0]"),
        (
            user([result("toolu_1", [{"type": "document", "source": {}}])]),
            "messages[0].content[0].content[0]",
        ),
    ],
)
def test_what_cannot_be_carried_is_named(message: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        told(message)
    assert (caught.value.param, caught.value.code) == (param, "unsupported_value")
    assert f"`{param}`" in caught.value.message


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "robot", "content": "Hi"}, "messages[0].role"),
        ({"role": ["user"], "content": "Hi"}, "messages[0].role"),
        ({"content": "Hi"}, "messages[0].role"),
        (user(None), "messages[0].content"),
        (user(5), "messages[0].content"),
        (user(["Hi"]), "messages[0].content[0]"),
        (user([{}]), "messages[0].content[0].type"),
        (user([{"type": "text"}]), "messages[0].content[0].text"),
        (user([{"type": "image"}]), "messages[0].content[0].source"),
        (user([{"type": "image", "source": {"type": "url"}}]), "messages[0].content[0].source.url"),
        (user([{"type": "tool_result"}]), "messages[0].content[0].tool_use_id"),
        (user([result("t", 5)]), "messages[0].content[0].content"),
        (user([result("t", is_error="yes")]), "messages[0].content[0].is_error"),
        (assistant({"type": "tool_use", "name": "x", "input": {}}), "messages[0].content[0].id"),
        (assistant({"type": "tool_use", "id": "t", "input": {}}), "messages[0].content[0].name"),
        (assistant({"type": "tool_use", "id": "t", "name": "x", "input": "{}"}), "messages[0].content[0].input"),
        (assistant({"type": "thinking"}), "messages[0].content[0].thinking"),
    ],
)
def test_what_is_wrong_is_named(message: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        told(message)
    assert caught.value.param == param
    assert f"`{param}`" in caught.value.message


@pytest.mark.parametrize(
    ("system", "param"),
    [(5, "system"), ([5], "system[0]"), ([{"type": "text"}], "system[0].text"), ([PIXEL], "system[0]")],
)
def test_a_system_prompt_is_text(system: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        told(user("Hi"), system=system)
    assert caught.value.param == param


@pytest.mark.parametrize("messages", [None, [], "Hi", {}])
def test_there_have_to_be_messages(messages: object) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_messages(None, messages)
    assert caught.value.param == "messages"
