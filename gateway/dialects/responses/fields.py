"""Fields: readers of a request's values. Each raises `BadRequest` naming the field, and quotes nothing of its value."""

from __future__ import annotations

from typing import Any, NoReturn

from gateway.wire.errors import BadRequest

Json = dict[str, Any]


def text(value: object, where: str) -> str:
    return value if isinstance(value, str) else wrong(where, "a string", value)


def name(value: object, where: str) -> str:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else wrong(where, "a string that is not empty", value)


def flag(value: object, where: str) -> bool:
    return value if isinstance(value, bool) else wrong(where, "true or false", value)


def whole(value: object, where: str, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        wrong(where, f"a whole number of at least {least}", value)
    return value


def mapping(value: object, where: str) -> Json:
    return value if isinstance(value, dict) else wrong(where, "an object", value)


def items(value: object, where: str) -> list[Any]:
    """A list; nothing is an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else wrong(where, "a list", value)


def kind_of(value: Json) -> str:
    """The `type`, short enough to be quoted in a message; empty where it is none."""
    kind = value.get("type")
    return kind[:60] if isinstance(kind, str) else ""


def wrong(where: str, what: str, value: object) -> NoReturn:
    if value is None:
        raise BadRequest(
            f"Missing required parameter: `{where}`, {what}.", param=where, code="missing_required_parameter"
        )
    raise BadRequest(f"Invalid type for `{where}`: it must be {what}.", param=where, code="invalid_type")


def unsupported(where: str, message: str) -> NoReturn:
    raise BadRequest(message, param=where, code="unsupported_parameter")
