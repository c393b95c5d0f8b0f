"""Replies that are not streamed: what is known here, a whole answer in other words, and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from gateway.dialects import openai_errors
from gateway.dialects.translation import told_whole
from gateway.wire.errors import GatewayError
from gateway.wire.http import JSON, Reply, Request

_NAMES = {"reasoning_effort": "think", "response_format": "format"}  # of fields that the client calls something else


def told(request: Request, body: bytes, content_type: bytes = JSON) -> Reply:
    number = request.id.encode()
    return Reply(
        200, [(b"content-type", content_type), (b"x-request-id", number), (b"x-tidegate-request-id", number)], body
    )


def retold(reply: Reply, tell: Callable[[Mapping[str, Any]], bytes]) -> Reply:
    """The pipeline's whole answer in other words, with its receipt. Raises what `tell` raises, with the receipt too."""
    try:
        return Reply(reply.status, reply.headers, told_whole(reply, tell), over=reply.over)
    except GatewayError as error:
        error.headers = [field for field in reply.headers if field[0] != b"content-type"]
        raise


def failure(error: GatewayError, request_id: str) -> Reply:
    """An object whose `error` is a sentence. Status and headers are as in every dialect."""
    reply = openai_errors.failure(error, request_id)
    message, param = error.message, error.param
    if param in _NAMES:
        message = message.replace(f"`{param}`", f"`{_NAMES[param]}`")
    return Reply(reply.status, reply.headers, orjson.dumps({"error": message}))
