"""Tools: Anthropic's definitions of tools, and its words for which of them a model is to use, in chat's."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.dialects.anthropic.fields import Json, flag, kind_of, mapping, mappings, name, not_carried, text, wrong

_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def chat_tools(tools: object) -> list[Json]:
    """Raises `BadRequest` for tools that Anthropic runs itself or has taught its models without a definition."""
    if tools is None:
        return []
    return [_tool(tool, f"tools[{number}]") for number, tool in enumerate(mappings(tools, "tools"))]


def chat_choice(choice: object, tools: Sequence[Json]) -> Json:
    """The fields of a chat body that say the same. Raises `BadRequest`."""
    if choice is None:
        return {}
    given = mapping(choice, "tool_choice")
    kind = kind_of(given, "tool_choice")
    if kind == "tool":
        wanted = name(given.get("name"), "tool_choice.name")
        if all(tool["function"]["name"] != wanted for tool in tools):
            wrong("tool_choice.name", "the name of one of the tools")
        chosen: object = {"type": "function", "function": {"name": wanted}}
    elif kind in _CHOICES:
        chosen = _CHOICES[kind]
    else:
        wrong("tool_choice.type", "auto, any, tool or none")
    if not tools:
        if kind == "any":
            wrong("tool_choice", "left out where there are no tools")
        return {}
    fields: Json = {"tool_choice": chosen}
    if flag(given.get("disable_parallel_tool_use"), "tool_choice.disable_parallel_tool_use"):
        fields["parallel_tool_calls"] = False
    return fields


def eager_tools(tools: object, *, all_of_them: bool) -> frozenset[str]:
    """The tools whose input is to be streamed as it is written, unchecked. `all_of_them`: those that do not say."""
    given = tools if isinstance(tools, list) else []
    return frozenset(
        tool["name"]
        for tool in given
        if tool.get("eager_input_streaming") or (all_of_them and tool.get("eager_input_streaming") is None)
    )


def _tool(tool: Json, where: str) -> Json:
    kind = tool.get("type")
    if kind is not None and kind != "custom":
        not_carried(where, f"a tool of type `{kind_of(tool, where)}`")
    flag(tool.get("eager_input_streaming"), f"{where}.eager_input_streaming")
    parameters = mapping(tool.get("input_schema"), f"{where}.input_schema")
    if (examples := tool.get("input_examples")) is not None:
        parameters = {**parameters, "examples": examples}  # JSON Schema's own word for them
    function: Json = {"name": name(tool.get("name"), f"{where}.name"), "parameters": parameters}
    if tool.get("description") is not None:
        function["description"] = text(tool["description"], f"{where}.description")
    if tool.get("strict") is not None:
        function["strict"] = flag(tool["strict"], f"{where}.strict")
    return {"type": "function", "function": function}
