"""The table of all settings in docs/configuration.md, made from the JSON Schema."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.config.schema import json_schema

BEGIN, END = (
    "<!-- settings: made by `python -m gateway.config.reference docs/configuration.md` -->",
    "<!-- /settings -->",
)


def reference() -> str:
    """Markdown: a section for the file and one for each group of settings, in the order in which they are reached."""
    schema = json_schema()
    parts = [_section("The file", schema["description"], schema)]
    done: list[str] = []
    waiting = list(_groups(schema))
    while waiting:
        name = waiting.pop(0)
        if name in done:
            continue
        done.append(name)
        group = schema["$defs"][name]
        parts.append(_section(_words(name), group["description"], group))
        waiting = [*_groups(group), *waiting]
    return "\n".join(parts)


def inserted(page: str) -> str:
    """`page` with the table between its two marks. Raises `ValueError` if a mark is missing."""
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n{reference()}{page[after:]}"


def _section(title: str, text: str, group: dict[str, Any]) -> str:
    lines = [
        f"### {title}",
        "",
        " ".join(text.split()),
        "",
        "| setting | value | default | meaning |",
        "|---|---|---|---|",
    ]
    required = group.get("required", [])
    for name, setting in group["properties"].items():
        default = "required" if name in required else _default(setting)
        meaning = " ".join(setting.get("description", "").split())
        lines.append(f"| `{name}` | {_value(setting)} | {default} | {meaning} |")
    return "\n".join([*lines, ""])


def _default(setting: dict[str, Any]) -> str:
    value = setting.get("default", "")
    return "" if value in ("", []) else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _value(setting: dict[str, Any]) -> str:
    """The kind of value in words."""
    options = [option for option in setting.get("anyOf", []) if not option.get("$ref", "").endswith("Reference")]
    shape = {**(options[0] if options else {}), **setting}
    if "$ref" in shape and "anyOf" not in setting:
        return _link(shape["$ref"])
    if "enum" in shape:
        return ", ".join(f"`{choice}`" for choice in shape["enum"])
    match shape.get("type"):
        case "array":
            return f"list of {_value(shape['items'])}"
        case "object":
            return f"name → {_value(shape['additionalProperties'])}"
        case "integer" | "number" as kind:
            return ("whole number" if kind == "integer" else "number") + _range(shape)
        case "boolean":
            return "`true`, `false`"
        case _:
            return "secret" if shape.get("format") == "password" else "text"


def _range(shape: dict[str, Any]) -> str:
    low, high = shape.get("minimum"), shape.get("maximum")
    if "exclusiveMinimum" in shape:
        return f" over {shape['exclusiveMinimum']:g}" + ("" if high is None else f", up to {high:g}")
    if low is not None and high is not None:
        return f", {low:g} to {_plain(high)}"
    return "" if low is None else f", at least {low:g}"


def _plain(number: float) -> str:
    return f"{number:.0f}" if float(number).is_integer() else str(number)


def _link(reference: str) -> str:
    title = _words(reference.rpartition("/")[2])
    return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"


def _words(name: str) -> str:
    """`TokenPrice` is `Token price`."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: " " + match[1].lower(), name)


def _groups(node: Any) -> Iterator[str]:
    """The groups that `node` refers to, in order."""
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str) and not reference.endswith("EnvironmentReference"):
            yield reference.rpartition("/")[2]
        for key, value in node.items():
            if key != "$defs":
                yield from _groups(value)
    elif isinstance(node, list):
        for item in node:
            yield from _groups(item)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(inserted(page.read_text()))
