"""If these fail, a model is offered other tools than the client has, or may use them otherwise than it was told."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.anthropic.tools import chat_choice, chat_tools, eager_tools
from gateway.wire.errors import BadRequest

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "weather", "description": "Tells the weather.", "input_schema": SCHEMA}


def test_a_tool_is_a_function() -> None:
    function = {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}
    assert chat_tools([WEATHER]) == [{"type": "function", "function": function}]
    assert chat_tools([{**WEATHER, "type": "custom", "strict": True}])[0]["function"]["strict"] is True
    assert chat_tools(
        [{"name": "now", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}]
    ) == [{"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}]
    assert chat_tools(None) == chat_tools([]) == []


def test_examples_go_where_json_schema_has_them() -> None:
    (tool,) = chat_tools([{**WEATHER, "input_examples": [{"city": "Oslo"}]}])
    assert tool["function"]["parameters"] == {**SCHEMA, "examples": [{"city": "Oslo"}]}


@pytest.mark.parametrize(
    "kind",
    ["web_search_20250305", "bash_20250124", "text_editor_20250728", "computer_20250124", "code_execution_20250825"],
)
def test_tools_without_a_definition_are_named(kind: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_tools([WEATHER, {"type": kind, "name": "x"}])
    assert (caught.value.param, caught.value.code) == ("tools[1]", "unsupported_value")
    assert kind in caught.value.message


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ("weather", "tools"),
        (["weather"], "tools[0]"),
        ([{"input_schema": SCHEMA}], "tools[0].name"),
        ([{"name": "", "input_schema": SCHEMA}], "tools[0].name"),
        ([{"name": "x"}], "tools[0].input_schema"),
        ([{"name": "x", "input_schema": "object"}], "tools[0].input_schema"),
        ([{**WEATHER, "description": 5}], "tools[0].description"),
        ([{**WEATHER, "strict": "yes"}], "tools[0].strict"),
        ([{**WEATHER, "eager_input_streaming": "yes"}], "tools[0].eager_input_streaming"),
        ([{**WEATHER, "type": 5}], "tools[0].type"),
    ],
)
def test_what_is_wrong_is_named(tools: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_tools(tools)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, {}),
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any"}, {"tool_choice": "required"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        ({"type": "tool", "name": "weather"}, {"tool_choice": {"type": "function", "function": {"name": "weather"}}}),
        ({"type": "auto", "disable_parallel_tool_use": False}, {"tool_choice": "auto"}),
        ({"type": "any", "disable_parallel_tool_use": True}, {"tool_choice": "required", "parallel_tool_calls": False}),
    ],
)
def test_which_tool_is_to_be_used(choice: object, expected: dict[str, Any]) -> None:
    assert chat_choice(choice, chat_tools([WEATHER])) == expected


def test_without_tools_there_is_nothing_to_choose() -> None:
    assert chat_choice({"type": "auto"}, []) == chat_choice({"type": "none"}, []) == {}


@pytest.mark.parametrize(
    ("choice", "tools", "param"),
    [
        ("auto", [WEATHER], "tool_choice"),
        ({}, [WEATHER], "tool_choice.type"),
        ({"type": "some"}, [WEATHER], "tool_choice.type"),
        ({"type": "tool"}, [WEATHER], "tool_choice.name"),
        ({"type": "tool", "name": "news"}, [WEATHER], "tool_choice.name"),
        ({"type": "any"}, [], "tool_choice"),
        ({"type": "any", "disable_parallel_tool_use": 1}, [WEATHER], "tool_choice.disable_parallel_tool_use"),
    ],
)
def test_a_choice_that_is_none_is_named(choice: object, tools: list[object], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_choice(choice, chat_tools(tools))
    assert caught.value.param == param


def test_input_is_streamed_eagerly_where_a_tool_says_so_or_all_do() -> None:
    tools = [
        {"name": "yes", "eager_input_streaming": True},
        {"name": "no", "eager_input_streaming": False},
        {"name": "silent"},
    ]
    assert eager_tools(tools, all_of_them=False) == {"yes"}
    assert eager_tools(tools, all_of_them=True) == {"yes", "silent"}
    assert eager_tools(None, all_of_them=True) == frozenset()
