"""Errors in Anthropic's shape, whole and in the middle of a stream.

https://platform.claude.com/docs/en/api/errors — there is no `param` in it, so the message names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.dialects.openai_errors import failure as openai_failure
from gateway.wire.errors import GatewayError, Unavailable
from gateway.wire.http import Reply

OVERLOADED = 529  # Anthropic's own: nothing is wrong with the request, try again in a moment

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    OVERLOADED: "overloaded_error",
}
# In a stream there is no status any more, but the code of an error in OpenAI's shape.
_KINDS_IN_STREAM = {
    "upstream_timeout": "timeout_error",
    "unavailable": "overloaded_error",
    "overloaded": "overloaded_error",
}


def failure(error: GatewayError, request_id: str) -> Reply:
    """Headers are those of every dialect (retries, receipt), and `request-id`. A failure that passes has status 529,
    which is what Anthropic's clients wait and try again for; metrics and logs know it as 503."""
    status = OVERLOADED if isinstance(error, Unavailable) and error.retry_after is not None else error.status
    kind = _KINDS.get(status) or ("invalid_request_error" if status < 500 else "api_error")
    headers = [*openai_failure(error, request_id).headers, (b"request-id", request_id.encode())]
    return Reply(status, headers, orjson.dumps(_body(kind, _told(error.message, error.param), request_id)))


def error_event(error: Mapping[str, Any], request_id: str) -> bytes:
    """The last event of a stream that was cut; `error` is OpenAI's error object."""
    kind = _KINDS_IN_STREAM.get(str(error.get("code")))
    if kind is None:
        kind = "rate_limit_error" if error.get("type") == "rate_limit_error" else "api_error"
    body = _body(kind, _told(str(error.get("message")), None), request_id)
    return b"event: error\ndata: " + orjson.dumps(body) + b"\n\n"


def _body(kind: str, message: str, request_id: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}


def _told(message: str, param: str | None) -> str:
    return message if param is None or param in message else f"`{param}`: {message}"
