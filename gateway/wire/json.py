"""JSON in and out, once a request each way. orjson: strict UTF-8, no NaN."""

from __future__ import annotations

import orjson

from gateway.wire.errors import BadRequest


def parse_object(body: bytes) -> dict[str, object]:
    """The body as a JSON object. Raises `BadRequest`, in words that quote nothing of the body."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"The request body is not valid JSON: line {error.lineno}, column {error.colno}.", code="invalid_json"
        ) from None
    if not isinstance(value, dict):
        raise BadRequest("The request body must be a JSON object.", code="invalid_json")
    return value


def serialise(value: object) -> bytes:
    """Compact JSON. Raises `BadRequest` for what cannot be written: lone surrogates, nesting beyond orjson's limit."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise unwritable() from None


def unwritable() -> BadRequest:
    """The error for a body that was read but cannot be written: orjson reads 1,024 levels and writes 254."""
    return BadRequest(
        "The request holds text that is not valid Unicode, or is nested too deeply.", code="invalid_unicode"
    )
