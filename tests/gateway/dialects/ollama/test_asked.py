"""If these fail, a model is asked something else than the client asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.ollama.asked import Asked, of_chat, of_generate
from gateway.wire.endpoint import CHAT, COMPLETIONS
from gateway.wire.errors import BadRequest

HELLO = [{"role": "user", "content": "Hello"}]


def test_a_chat() -> None:
    asked = of_chat({"model": "m", "messages": HELLO, "keep_alive": "5m", "options": {"temperature": 0}})
    assert asked.body == {"messages": HELLO, "stream": True, "temperature": 0}
    assert (asked.model, asked.streamed, asked.endpoint, asked.done_reason) == ("m", True, CHAT, "")


def test_a_prompt_becomes_a_chat() -> None:
    asked = of_generate({"model": "m", "prompt": "Hello", "system": "Be brief.", "stream": False})
    assert asked.body == {"messages": [{"role": "system", "content": "Be brief."}, *HELLO], "stream": False}
    assert not asked.streamed


def test_a_prompt_with_images() -> None:
    asked = of_generate({"model": "m", "prompt": "What is it?", "images": ["/9j/"]})
    assert [part["type"] for part in asked.body["messages"][0]["content"]] == ["text", "image_url"]


def test_a_plain_prompt_has_no_template_around_it() -> None:
    asked = of_generate({"model": "m", "prompt": "x", "raw": True, "options": {"num_predict": 3}, "think": False})
    assert (asked.endpoint, asked.body) == (COMPLETIONS, {"prompt": "x", "stream": True, "max_tokens": 3})


def test_what_goes_between() -> None:
    asked = of_generate({"model": "m", "prompt": "def f():", "suffix": "return x"})
    assert (asked.endpoint, asked.body["suffix"]) == (COMPLETIONS, "return x")


@pytest.mark.parametrize("empty", ["", None, [], False])
@pytest.mark.parametrize("name", ["suffix", "template", "context", "raw", "system", "images", "width"])
def test_what_is_empty_says_nothing(name: str, empty: object) -> None:
    with contextlib.suppress(BadRequest):  # some kinds of nothing are wrong where another kind of thing is wanted
        assert of_generate({"model": "m", "prompt": "Hello", name: empty}).body["messages"] == HELLO


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"template": "{{ .Prompt }}"}, "template"),
        ({"context": [1, 2]}, "context"),
        ({"width": 512}, "width"),
        ({"raw": True, "system": "x"}, "system"),
        ({"raw": True, "images": ["/9j/"]}, "images"),
        ({"raw": True, "format": "json"}, "format"),
        ({"suffix": "x", "logprobs": True}, "logprobs"),
        ({"suffix": 5}, "suffix"),
        ({"raw": "yes"}, "raw"),
        ({"prompt": ["x"]}, "prompt"),
        ({"stream": "no"}, "stream"),
        ({"model": None}, "model"),
    ],
)
def test_what_cannot_be_carried_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        of_generate({"model": "m", "prompt": "Hello", **body})
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("tools", "param"),
    [({}, "tools"), (["x"], "tools[0]"), ([{}], "tools[0].function.name"), ([{"function": 5}], "tools[0].function")],
)
def test_a_tool_that_is_none_is_named(tools: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        of_chat({"model": "m", "messages": HELLO, "tools": tools})
    assert caught.value.param == param


def test_tools_are_sent_as_they_are() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}}
    assert of_chat({"model": "m", "messages": HELLO, "tools": [tool]}).body["tools"] == [tool]
    untyped = {"function": {"name": "f"}}
    assert of_chat({"model": "m", "messages": HELLO, "tools": [untyped]}).body["tools"][0]["type"] == "function"
    assert "tools" not in of_chat({"model": "m", "messages": HELLO, "tools": []}).body


@pytest.mark.parametrize(
    ("keep_alive", "reason"),
    [
        (None, "load"),
        ("5m", "load"),
        (-1, "load"),
        (False, "load"),
        (0, "unload"),
        (0.0, "unload"),
        ("0s", "unload"),
        ("0", "unload"),
    ],
)
def test_a_request_that_asks_nothing_loads_or_unloads(keep_alive: object, reason: str) -> None:
    body = {"model": "m", "keep_alive": keep_alive}
    assert of_chat(body).done_reason == of_chat({**body, "messages": []}).done_reason == reason
    assert of_generate(body).done_reason == of_generate({**body, "prompt": ""}).done_reason == reason
    assert of_generate({**body, "prompt": "x"}).done_reason == ""


@pytest.mark.parametrize("read", [of_chat, of_generate])
def test_unknown_fields_pass_but_not_those_that_mean_something_else_to_a_chat(read: Callable[[Any], Asked]) -> None:
    odd = {"n": 3, "stream_options": {}, "functions": [1], "response_format": "x", "reasoning_effort": "x"}
    body = read({"model": "m", "messages": HELLO, "prompt": "Hello", "user": "u", "later": {"a": 1}, **odd}).body
    assert (body["user"], body["later"]) == ("u", {"a": 1})
    assert odd.keys().isdisjoint(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = """
    model messages prompt stream format options think keep_alive logprobs top_logprobs tools suffix system template
    context raw images width
"""


@given(st.dictionaries(st.sampled_from(NAMES.split()), json_values))
@pytest.mark.parametrize("read", [of_chat, of_generate])
def test_any_json_is_a_request_or_a_bad_one(read: Callable[[Any], Asked], body: dict[str, Any]) -> None:
    with contextlib.suppress(BadRequest):
        assert read({"model": "m", **body}).model
