"""Whatever of a request is not looked at can leave the house unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import MAX_DEPTH, Content, Opaque, Origin, Segment, content_of, content_of_messages, content_of_text


def texts(content: Content) -> set[str]:
    return {segment.text for segment in content.segments}


def test_plain_chat() -> None:
    body = {
        "model": "auto",
        "stream": True,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
    }
    assert content_of(body).segments == (
        Segment("model", Origin.OTHER, "auto"),
        Segment("messages[0].content", Origin.SYSTEM, "Be brief."),
        Segment("messages[1].content", Origin.USER, "Hello"),
    )


def test_every_place_of_a_body_is_read() -> None:
    body = {
        "messages": [
            {"role": "user", "name": "v-name", "content": [{"type": "text", "text": "v-part"}]},
            {
                "role": "assistant",
                "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "v-args"}}],
            },
            {"role": "tool", "tool_call_id": "v-call", "content": "v-result"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "g", "parameters": {"properties": {"v-key": {"enum": ["v-enum"]}}}},
            }
        ],
        "metadata": {"v-meta-key": "v-meta"},
        "user": "v-user",
        "stop": ["v-stop"],
        "response_format": {"type": "json_schema", "json_schema": {"description": "v-format"}},
        "prediction": {"type": "content", "content": "v-prediction"},
        "v-unknown": {"deep": ["v-deep"]},
    }
    planted = {word for word in json.dumps(body).replace('"', " ").split() if word.startswith("v-")}
    assert {word.rstrip(":,]}") for word in planted} <= texts(content_of(body))


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ({"messages": [{"role": "developer", "content": "x"}]}, Origin.SYSTEM),
        ({"messages": [{"role": "assistant", "content": "x"}]}, Origin.ASSISTANT),
        ({"messages": [{"role": "tool", "content": "x"}]}, Origin.TOOL_RESULT),
        (
            {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"function": {"arguments": "x"}}]}]},
            Origin.TOOL_ARGUMENTS,
        ),
        ({"tools": [{"function": {"description": "x"}}]}, Origin.TOOL_DEFINITION),
        ({"metadata": {"title": "x"}}, Origin.METADATA),
        ({"input": [{"role": "system", "content": "x"}]}, Origin.SYSTEM),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}]}, Origin.TOOL_RESULT),
    ],
)
def test_origin(body: dict[str, Any], origin: Origin) -> None:
    assert [segment.origin for segment in content_of(body).segments if segment.text == "x"] == [origin]


@pytest.mark.parametrize(
    "number", [10**10, 6011000990139424, 9999999999999999, 12345678901234567, 10**30 + 1, -(10**17) - 1]
)
def test_a_long_number_is_text_to_the_last_digit(number: int) -> None:
    assert str(number) in texts(content_of({"metadata": {"id": number}}))
    assert str(number) in texts(content_of({"seed": number}))


def test_long_numbers_are_text_short_ones_are_not() -> None:
    body = {"max_tokens": 4096, "metadata": {"id": 4970101234567893, "title": 12.5}}
    assert texts(content_of(body)) == {"4970101234567893"}


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0K" * 100}}, "image"),
        ({"type": "input_audio", "input_audio": {"data": "UklGRiQA" * 100, "format": "wav"}}, "audio"),
        ({"type": "file", "file": {"file_data": "JVBERi0x" * 100}}, "file"),
        ({"type": "reasoning", "encrypted_content": "gAAAAABk"}, "encrypted"),
    ],
)
def test_what_cannot_be_read_is_opaque(part: dict[str, Any], kind: str) -> None:
    content = content_of({"messages": [{"role": "user", "content": [part]}]})
    assert kind in {opaque.kind for opaque in content.opaque}
    assert not any(len(segment.text) > 500 for segment in content.segments)


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_the_address_of_sound_or_film_is_no_more_than_an_address(kind: str) -> None:
    part = {"type": f"{kind}_url", f"{kind}_url": {"url": "https://example.org/x"}}
    content = content_of({"messages": [{"role": "user", "content": [part]}]})
    assert Opaque("messages[0].content[0]", kind) in content.opaque


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.org/x"}, "description": "a scan"}, "image"),
        ({"type": "image", "source": {"type": "url", "url": "https://example.org/x"}, "description": "x"}, "image"),
        ({"type": "file", "file": {"file_id": "file-1"}, "properties": {}}, "file"),
        ({"type": "input_file", "file_id": "file-1", "description": "a scan"}, "file"),
        ({"type": "computer_screenshot", "image_url": "https://example.org/x"}, "image"),
        ({"type": "document_url", "document_url": "https://example.org/x"}, "file"),
        ({"type": "some_new_part", "video_url": {"url": "https://example.org/x"}}, "video"),
        ({"image_url": "https://example.org/x"}, "image"),
    ],
)
def test_media_are_opaque_whatever_the_part_calls_itself(part: dict[str, Any], kind: str) -> None:
    """A part that was taken for a schema, or not known, went to the cloud with its picture."""
    content = content_of({"messages": [{"role": "user", "content": [{"type": "text", "text": "See:"}, part]}]})
    assert Opaque("messages[0].content[1]", kind) in content.opaque


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "file", "description": "A file to read."},
        {"type": "object", "properties": {"image_url": {"type": "string", "description": "Where it is."}}},
        {"type": "object", "properties": {"input_audio": {"type": "object", "properties": {"data": {}}}}},
    ],
)
def test_a_schema_hands_nothing_over(schema: dict[str, Any]) -> None:
    assert content_of({"tools": [{"function": {"name": "f", "parameters": schema}}]}).opaque == ()


@pytest.mark.parametrize("key", ["prompt", "input", "prompt_token_ids", "context"])
@pytest.mark.parametrize("value", [[1, 2, 3], [[1, 2], [3]], ["text", 4], ["text", [5]], [6.0], [[["x", 7]]]])
def test_token_numbers_cannot_be_read(key: str, value: object) -> None:
    content = content_of({key: value})
    assert content.opaque == (Opaque(key, "tokens"),)
    assert ("text" in texts(content)) == (isinstance(value, list) and value[0] == "text")


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "one"},
        {"input": ["one", "two"]},
        {"input": [{"role": "user", "content": "one"}]},
        {"input": []},
        {"stop_token_ids": [128001]},
        {"messages": [{"role": "user", "content": "one"}], "temperature": 1},
    ],
)
def test_other_lists_are_not_taken_for_tokens(body: dict[str, Any]) -> None:
    assert content_of(body).opaque == ()


def test_address_of_an_image_is_text_and_opaque() -> None:
    url = "https://example.org/jean.dupont.png"
    content = content_of(
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    )
    assert url in texts(content)
    assert Opaque("messages[0].content[0]", "image") in content.opaque


def test_endless_nesting_is_opaque() -> None:
    nested: object = "hidden"
    for _ in range(MAX_DEPTH + 5):
        nested = [nested]
    content = content_of({"metadata": nested})
    assert [opaque.kind for opaque in content.opaque] == ["deep"]


def test_text_and_messages_alone() -> None:
    assert content_of_text("hi") == Content((Segment("text", Origin.USER, "hi"),))
    assert content_of_messages([{"role": "user", "content": "hi"}]).segments[0].path == "messages[0].content"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "metadata", "input", "x"]), JSON, max_size=3))
def test_never_raises_and_loses_no_string(body: dict[str, Any]) -> None:
    content = content_of(body)
    read = texts(content)

    def check(value: object) -> None:
        if isinstance(value, str):
            assert not value or value in read or content.opaque
        elif isinstance(value, dict):
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    for key, value in body.items():
        # Values of protocol fields with fixed vocabularies are skipped; none of those fields stands in this test.
        del key
        check(value)


def test_numbers_no_machine_can_print() -> None:
    body = {"metadata": {"a": 10**5000, "b": float("nan"), "c": float("inf"), "d": 1e300}}
    assert [opaque.kind for opaque in content_of(body).opaque] == ["blob"]


BASE64 = "QUJD" * 200 + "abc1"


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        ({"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}, {"audio"}),
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BASE64}"}}, {"image"}),
        ({"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{BASE64}"}}, {"video"}),
        ({"type": "file", "file": {"file_data": f"data:application/pdf;base64,{BASE64}"}}, {"file"}),
        ({"type": "file", "file": {"file_data": BASE64, "filename": "a.pdf"}}, {"file"}),
        ({"type": "text", "text": BASE64}, {"blob"}),
        ({"type": "file", "file": {"file_data": BASE64, "note": BASE64}}, {"file", "blob"}),
    ],
)
def test_a_part_is_of_one_kind_through_and_through(part: dict[str, object], kinds: set[str]) -> None:
    """Else a route that lets sound go would keep it for the bytes it is made of, or let other bytes go with it."""
    content = content_of({"model": "m", "messages": [{"role": "user", "content": [part]}]})
    assert {opaque.kind for opaque in content.opaque} == kinds


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{BASE64}&card=4970101234567893",
        f"data:image/svg+xml;utf8,<svg><text>4970101234567893</text></svg><!--{BASE64}-->",
        f"data:image/svg+xml,%3Csvg%3E4970101234567893{'%20' * 200}",
    ],
)
def test_what_can_be_read_of_a_data_url_is_read(url: str) -> None:
    """A route may let images go unread. What only begins like one may not take text along."""
    content = content_of(
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    )
    assert url in [segment.text for segment in content.segments]
    assert {opaque.kind for opaque in content.opaque} == {"image"}
