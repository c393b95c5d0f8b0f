"""The document: the data plane's paths put into that of the administration."""

from __future__ import annotations

from typing import Final

from gateway.openapi import anthropic, feedback, ollama, openai, responses
from gateway.openapi.parts import Json

_DIALECTS: Final = (openai, responses, anthropic, ollama, feedback)
_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A virtual key: `authorization: Bearer tg-…`."},
    "x-api-key": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "The same, as Anthropic has it.",
    },
}


def paths() -> dict[str, Json]:
    return {path: item for dialect in _DIALECTS for path, item in dialect.PATHS.items()}


def complete(document: Json) -> Json:
    """`document` with the data plane before what it has already. The two have no schema of the same name."""
    components = document.get("components", {})
    schemas = {name: schema for dialect in _DIALECTS for name, schema in dialect.SCHEMAS.items()}
    if twice := schemas.keys() & components.get("schemas", {}).keys():
        raise AssertionError(f"one name for two schemas: {', '.join(sorted(twice))}")
    return {
        **document,
        "paths": {**paths(), **document["paths"]},
        "components": {
            **components,
            "schemas": {**schemas, **components.get("schemas", {})},
            "securitySchemes": {**components.get("securitySchemes", {}), **_SECURITY},
        },
    }
