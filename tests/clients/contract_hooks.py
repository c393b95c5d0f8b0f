"""Hooks for schemathesis: what its requests need so that most of them reach a model, and not only a 404."""

from __future__ import annotations

import re
from typing import Any

import schemathesis


def map_body(context: Any, body: Any) -> Any:
    """Asks for a route that is there in three requests of four, and writes whole numbers as JSON's writers do."""
    if not isinstance(body, dict):
        return body
    model = body.get("model")
    if isinstance(model, str) and model and len(str(body)) % 4:
        body = {**body, "model": "embed" if context.operation.path.endswith("embeddings") else "auto"}
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and _is_zone(metadata.get("tidegate_locality")):
        body = {**body, "metadata": {**metadata, "tidegate_locality": "local"}}
    return _whole(body)


def map_headers(_context: Any, headers: Any) -> Any:
    """Which zones there are is a matter of configuration: in one where nobody is, nobody can answer."""
    if isinstance(headers, dict) and _is_zone(headers.get("x-tidegate-locality")):
        return {**headers, "x-tidegate-locality": "local"}
    return headers


def _is_zone(label: Any) -> bool:
    return isinstance(label, str) and re.fullmatch(r"[A-Za-z0-9:+-]+", label) is not None


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


for _hook in (map_body, map_headers):
    schemathesis.hook(_hook)
