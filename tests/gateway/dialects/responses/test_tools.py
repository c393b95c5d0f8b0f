"""If these fail, a model is handed other tools than the client's, or the client is told of others than it was."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.responses.tools import format_of, tool_choice_of, tools_of
from gateway.wire.errors import BadRequest

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "name": "weather", "description": "Of a city", "parameters": SCHEMA, "strict": True}


def test_a_function_is_nested_in_chat_and_flat_here() -> None:
    asked, said = tools_of([{**TOOL, "defer_loading": False}])
    function = {name: TOOL[name] for name in ("name", "description", "parameters", "strict")}
    assert asked == [{"type": "function", "function": function}]
    assert said == [TOOL]


def test_what_is_left_out_is_not_asked_and_said_to_be_so() -> None:
    asked, said = tools_of([{"type": "function", "name": "now"}])
    assert asked == [{"type": "function", "function": {"name": "now"}}]
    assert said == [{"type": "function", "name": "now", "description": None, "parameters": None, "strict": False}]
    assert tools_of(None) == ([], [])


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ({}, "tools"),
        (["a"], "tools[0]"),
        ([TOOL, {"type": "web_search"}], "tools[1].type"),
        ([{"type": "custom", "name": "sql"}], "tools[0].type"),
        ([{"type": "function"}], "tools[0].name"),
        ([{"type": "function", "name": ""}], "tools[0].name"),
        ([{**TOOL, "parameters": "{}"}], "tools[0].parameters"),
        ([{**TOOL, "strict": "yes"}], "tools[0].strict"),
        ([{**TOOL, "description": 1}], "tools[0].description"),
    ],
)
def test_a_tool_that_cannot_be_carried_is_named(tools: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        tools_of(tools)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("choice", "asked", "said"),
    [
        (None, None, "auto"),
        ("auto", "auto", "auto"),
        ("none", "none", "none"),
        ("required", "required", "required"),
        (
            {"type": "function", "name": "weather"},
            {"type": "function", "function": {"name": "weather"}},
            {"type": "function", "name": "weather"},
        ),
    ],
)
def test_a_choice_among_tools(choice: object, asked: object, said: object) -> None:
    assert tool_choice_of(choice, tools_of([TOOL])[0]) == (asked, said)


def test_a_choice_among_none_is_not_asked_for() -> None:
    """Chat refuses one without tools; the SDKs send `auto` all the same."""
    assert tool_choice_of("auto", []) == (None, "auto")


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        "sometimes",
        5,
        {"type": "allowed_tools"},
        {"type": "function"},
        {"type": "function", "name": "other"},
    ],
)
def test_a_choice_that_cannot_be_kept_is_refused(choice: object) -> None:
    with pytest.raises(BadRequest) as caught:
        tool_choice_of(choice, tools_of([TOOL])[0] if choice != "required" else [])
    assert str(caught.value.param).startswith("tool_choice")


@pytest.mark.parametrize("form", [None, {"type": "text"}])
def test_text_is_the_format_of_itself(form: object) -> None:
    assert format_of(form) == (None, {"type": "text"})


def test_a_schema_is_nested_in_chat_and_flat_here() -> None:
    form = {"type": "json_schema", "name": "city", "schema": SCHEMA, "strict": True, "description": "A city"}
    asked, said = format_of(form)
    schema = {name: value for name, value in form.items() if name != "type"}
    assert asked == {"type": "json_schema", "json_schema": schema}
    assert said == form
    assert format_of({"type": "json_object"}) == ({"type": "json_object"}, {"type": "json_object"})


@pytest.mark.parametrize(
    "form",
    [5, {}, {"type": "grammar"}, {"type": "json_schema"}, {"type": "json_schema", "name": "a", "schema": "b"},
     {"type": "json_schema", "name": "a", "schema": {}, "strict": 1}],
)  # fmt: skip
def test_a_format_that_is_none_is_refused(form: dict[str, Any] | int) -> None:
    with pytest.raises(BadRequest) as caught:
        format_of(form)
    assert str(caught.value.param).startswith("text.format")
