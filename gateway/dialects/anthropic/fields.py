"""Fields: reading a request's JSON, with errors that name the field at fault and quote none of it."""

from __future__ import annotations

from typing import Any, NoReturn

from gateway.wire.errors import BadRequest

Json = dict[str, Any]


def wrong(where: str, what: str, value: object = "") -> NoReturn:
    """Raises `BadRequest`: the field `where` must be `what`."""
    if value is None:
        raise BadRequest(f"`{where}` is required and must be {what}.", param=where, code="missing_required_parameter")
    raise BadRequest(f"`{where}` must be {what}.", param=where, code="invalid_value")


def not_carried(where: str, what: str) -> NoReturn:
    """Raises `BadRequest`: `what` stands in the field `where`, and no chat model could be told of it."""
    raise BadRequest(f"`{where}`: {what} cannot be carried to a chat model.", param=where, code="unsupported_value")


def text(value: object, where: str) -> str:
    if not isinstance(value, str):
        wrong(where, "a string", value)
    return value


def name(value: object, where: str) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        wrong(where, "a string that is not empty", value)
    return value


def mapping(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        wrong(where, "an object", value)
    return value


def mappings(value: object, where: str) -> list[Json]:
    if not isinstance(value, list):
        wrong(where, "a list", value)
    return [mapping(item, f"{where}[{number}]") for number, item in enumerate(value)]


def flag(value: object, where: str) -> bool:
    """False where it is left out."""
    if value is None:
        return False
    if not isinstance(value, bool):
        wrong(where, "true or false")
    return value


def kind_of(block: Json, where: str) -> str:
    """A block's `type`, short enough to be told in an error."""
    return name(block.get("type"), f"{where}.type")[:40]
