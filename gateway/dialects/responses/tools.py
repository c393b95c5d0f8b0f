"""Tools and formats: what Responses and chat both have, in the shape of each.

Each reader gives a pair: as chat has it, and as the response says it back. Only what is read here is said back, so a
response never shows what was not in force.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.dialects.responses.fields import Json, flag, items, kind_of, mapping, name, text, unsupported, wrong

_CHOICES = ("auto", "none", "required")
_TEXT_FORMAT: Json = {"type": "text"}


def tools_of(value: object) -> tuple[list[Json], list[Json]]:
    pairs = [_tool(tool, f"tools[{number}]") for number, tool in enumerate(items(value, "tools"))]
    return [asked for asked, _ in pairs], [said for _, said in pairs]


def tool_choice_of(value: object, tools: Sequence[Json]) -> tuple[object, object]:
    """`tools` as chat has them: a choice among none is none."""
    if value is None:
        return None, "auto"
    if isinstance(value, str):
        if value not in _CHOICES:
            wrong("tool_choice", "auto, none, required, or a function", value)
        if value == "required" and not tools:
            unsupported("tool_choice", "`tool_choice: required` needs `tools`.")
        return value if tools else None, value
    choice = mapping(value, "tool_choice")
    if kind_of(choice) != "function":
        unsupported("tool_choice", f"A `tool_choice` of type `{kind_of(choice)}` is not supported here.")
    chosen = name(choice.get("name"), "tool_choice.name")
    if all(tool["function"]["name"] != chosen for tool in tools):
        unsupported("tool_choice", "`tool_choice` names a function that is not in `tools`.")
    return {"type": "function", "function": {"name": chosen}}, {"type": "function", "name": chosen}


def format_of(value: object) -> tuple[Json | None, Json]:
    """Of `text.format`."""
    if value is None:
        return None, _TEXT_FORMAT
    form = mapping(value, "text.format")
    kind = kind_of(form)
    if kind == "text":
        return None, _TEXT_FORMAT
    if kind == "json_object":
        return {"type": kind}, {"type": kind}
    if kind != "json_schema":
        unsupported("text.format", f"A format of type `{kind}` is not supported here.")
    schema: Json = {
        "name": name(form.get("name"), "text.format.name"),
        "schema": mapping(form.get("schema"), "text.format.schema"),
    }
    if form.get("description") is not None:
        schema["description"] = text(form["description"], "text.format.description")
    if form.get("strict") is not None:
        schema["strict"] = flag(form["strict"], "text.format.strict")
    return {"type": kind, "json_schema": schema}, {"type": kind, "strict": False, "description": None, **schema}


def _tool(value: object, where: str) -> tuple[Json, Json]:
    tool = mapping(value, where)
    kind = kind_of(tool)
    if kind != "function":
        unsupported(f"{where}.type", f"Tools of type `{kind}` are not supported here: send functions.")
    function: Json = {"name": name(tool.get("name"), f"{where}.name")}
    if tool.get("description") is not None:
        function["description"] = text(tool["description"], f"{where}.description")
    if tool.get("parameters") is not None:
        function["parameters"] = mapping(tool["parameters"], f"{where}.parameters")
    if tool.get("strict") is not None:  # left out, chat takes it for false, and schemas are often not fit for true
        function["strict"] = flag(tool["strict"], f"{where}.strict")
    said = {"type": kind, "description": None, "parameters": None, "strict": False, **function}
    return {"type": kind, "function": function}, said
