"""Fields of a request: reading one, or saying what is wrong with it. A field that is null counts as left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from gateway.wire.errors import BadRequest

Json = dict[str, Any]


def wrong(name: str, message: str, code: str = "invalid_type") -> NoReturn:
    raise BadRequest(f"`{name}` {message}.", param=name, code=code)


def text(body: Mapping[str, object], name: str, at: str = "") -> str:
    """A string; empty where it is left out."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong(at + name, "must be a string")
    return value


def flag(body: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        wrong(name, "must be true or false")
    return value


def mapping(body: Mapping[str, object], name: str, at: str = "") -> Json:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        wrong(at + name, "must be an object")
    return value


def items(body: Mapping[str, object], name: str, at: str = "") -> list[Any]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        wrong(at + name, "must be a list")
    return value


def model_of(body: Mapping[str, object]) -> str:
    """The model; older clients call it `name`."""
    model = text(body, "model") or text(body, "name")
    if not model:
        wrong("model", "is required", "missing_required_parameter")
    return model
