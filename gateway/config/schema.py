"""The published JSON Schema (draft 2020-12) of `tidegate.yaml`, made from the settings: for editors and other tools.

A file that passes may still be refused by `tidegate check`, which also looks at what belongs together.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.config.settings import Settings
from gateway.config.shape import adapter

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "EnvironmentReference"


def json_schema() -> dict[str, Any]:
    """The schema as plain data. Where a number, a boolean or a choice is wanted, `${NAME}` may stand for it."""
    schema = _simplified(adapter(Settings).json_schema())
    schema["$defs"][_REFERENCE] = {
        "description": "A reference to an environment variable: `${NAME}`, `${NAME:-default}` or `${NAME:?message}`.",
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:[-?][^{}]*)?\}",
    }
    return {"$schema": DIALECT, "title": "tidegate.yaml", **{k: v for k, v in schema.items() if k != "title"}}


def json_schema_text() -> str:
    """The schema as it is published in docs/tidegate.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _simplified(node: Any) -> Any:
    """Without made-up titles and without `null` (an empty setting is one left out), with references let in."""
    if isinstance(node, list):
        return [_simplified(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "properties" in node:
        node = {**node, "properties": {name: _setting(value) for name, value in node["properties"].items()}}
    return {
        key: value if key in ("properties", "default") else _simplified(value)
        for key, value in node.items()
        if key != "title"
    }


def _setting(node: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {
        key: node[key] for key in ("description", "default") if key in node and node[key] is not None
    }
    if isinstance(about.get("default"), dict):  # each setting in it states its own
        del about["default"]
    shape = {key: value for key, value in node.items() if key not in ("description", "default", "title")}
    options = [option for option in shape.pop("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        shape |= options.pop()
    if options or "enum" in shape or shape.get("type") in ("integer", "number", "boolean"):
        shape = {"anyOf": [*(options or [shape]), {"$ref": f"#/$defs/{_REFERENCE}"}]}
    return {**about, **{key: _simplified(value) for key, value in shape.items()}}
