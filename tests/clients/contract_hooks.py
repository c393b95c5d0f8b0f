"""Hooks for schemathesis: what its requests need so that most of them reach a model, and not only a 404."""

from __future__ import annotations

import json
import re
from typing import Any

import schemathesis

_NAME = re.compile(r"[a-z0-9/-]+")
_LABEL = re.compile(r"[A-Za-z0-9:+-]+")


def map_body(context: Any, body: Any) -> Any:
    """Asks for a route that answers well in three requests of four, and never for one that is there to fail; writes
    whole numbers as JSON's writers do.
    """
    if not isinstance(body, dict):
        return body
    model = body.get("model")
    if isinstance(model, str) and model and (len(str(body)) % 4 or _NAME.fullmatch(model)):
        body = {**body, "model": "embed" if "embed" in context.operation.path else "auto"}
    if isinstance(body.get("previous_response_id"), str) and len(str(body)) % 4:
        body = {name: value for name, value in body.items() if name != "previous_response_id"}
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and _is_label(metadata.get("tidegate_locality")):
        body = {**body, "metadata": {**metadata, "tidegate_locality": "local"}}
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("tidegate_label") or metadata.get("tidegate_dial"), str):
        left = {name: value for name, value in metadata.items() if name not in ("tidegate_label", "tidegate_dial")}
        body = {**body, "metadata": left}
    return _whole(body)


def map_headers(_context: Any, headers: Any) -> Any:
    """Which zones, labels and dials there are is a matter of configuration: in a zone where nobody is, nobody can
    answer, a label that no policy knows is a mistake, and so is a dial of a route that has no choice.
    """
    if not isinstance(headers, dict):
        return headers
    headers = {name: value for name, value in headers.items() if name not in ("x-tidegate-label", "x-tidegate-dial")}
    if _is_label(headers.get("x-tidegate-locality")):
        headers["x-tidegate-locality"] = "local"
    return headers


def last_line(_context: Any, response: Any) -> Any:
    """What stands for a stream of lines: its last one has all that any has."""
    return json.loads(response.content.splitlines()[-1])


def _is_label(label: Any) -> bool:
    return isinstance(label, str) and _LABEL.fullmatch(label) is not None


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


for _hook in (map_body, map_headers):
    schemathesis.hook(_hook)
schemathesis.deserializer("application/x-ndjson")(last_line)
