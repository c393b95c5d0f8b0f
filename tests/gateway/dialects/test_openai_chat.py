"""If these fail, a request that OpenAI takes is refused here, or one that is wrong gets as far as a model."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.openai_chat import OpenAIChat, call_of
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest
from gateway.wire.http import Request

MESSAGES = [{"role": "user", "content": "Hi"}]


def call(body: object, **headers: str) -> Call:
    fields = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return call_of(Request("POST", "/v1/chat/completions", fields, json.dumps(body).encode(), "req_1"))


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "auto", "messages": MESSAGES, **more}


def test_a_request_becomes_a_call_with_nothing_taken_out() -> None:
    body = chat(temperature=0.5, anything={"of": ["the client's", 1, None]})
    found = call(body, x_tidegate_locality="local", cache_control="no-store")
    assert (found.route, found.request_id, found.streamed, found.choices) == ("auto", "req_1", False, 1)
    assert found.body == body
    assert (found.localities, found.cache_control) == (("local",), "no-store")


def test_a_label_in_the_metadata_narrows_too() -> None:
    found = call(chat(metadata={"tidegate_locality": "local", "other": "1"}), x_tidegate_locality="eu+local")
    assert found.localities == ("eu+local", "local")
    with pytest.raises(BadRequest) as caught:
        call(chat(metadata={"tidegate_locality": ["local"]}))
    assert caught.value.param == "metadata.tidegate_locality"


@pytest.mark.parametrize(
    ("options", "headers", "usage", "receipt"),
    [
        (None, {}, False, False),
        ({"include_usage": True}, {}, True, False),
        ({"include_usage": False}, {"x_tidegate_receipt": "stream"}, False, False),
        ({"include_usage": True}, {"x_tidegate_receipt": "stream"}, True, True),
    ],
)
def test_usage_and_receipt_come_in_a_stream_only_if_asked_for(
    options: object, headers: dict[str, str], usage: bool, receipt: bool
) -> None:
    found = call(chat(stream=True, stream_options=options), **headers)
    assert (found.wants_usage, found.wants_receipt) == (usage, receipt)
    assert not call(chat(stream_options=options), **headers).wants_usage  # not a stream


@pytest.mark.parametrize("content", ["", "Hi", None, [], [{"type": "text", "text": "Hi"}]])
def test_content_of_every_legal_kind_is_taken(content: object) -> None:
    assert call({"model": "auto", "messages": [{"role": "assistant", "content": content}]}).route == "auto"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": MESSAGES}, "model"),
        (chat(model=5), "model"),
        ({"model": "auto"}, "messages"),
        (chat(messages="Hi"), "messages"),
        (chat(messages=[]), "messages"),
        (chat(messages=[*MESSAGES, "Hi"]), "messages[1]"),
        (chat(messages=[{"content": "Hi"}]), "messages[0].role"),
        (chat(messages=[{"role": None, "content": "Hi"}]), "messages[0].role"),
        (chat(messages=[{"role": "user", "content": 5}]), "messages[0].content"),
        (chat(messages=[{"role": "user", "content": {"text": "Hi"}}]), "messages[0].content"),
        (chat(stream="yes"), "stream"),
        (chat(stream_options=[]), "stream_options"),
        (chat(n=0), "n"),
        (chat(n=129), "n"),
        (chat(n=True), "n"),
        (chat(n="2"), "n"),
    ],
)
def test_what_is_wrong_is_named(body: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        call(body)
    assert caught.value.param == param
    assert caught.value.status == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["model", "messages", "stream", "stream_options", "n", "tools"]), json_values)
    | json_values
)
def test_any_json_is_a_call_or_a_bad_request(body: object) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(call(body), Call)


def test_nobody_is_let_in_without_a_key() -> None:
    assert not OpenAIChat().open_to_all
    assert OpenAIChat().credential({b"authorization": b"Bearer x"}) == b"Bearer x"
