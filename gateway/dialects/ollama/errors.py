"""Errors in Ollama's shape: an object whose `error` is a sentence."""

from __future__ import annotations

import orjson

from gateway.dialects import openai_errors
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply

_NAMES = {"reasoning_effort": "think", "response_format": "format"}  # of fields that the client calls something else


def failure(error: GatewayError, request_id: str) -> Reply:
    """Status and headers are as in every dialect."""
    reply = openai_errors.failure(error, request_id)
    message, param = error.message, error.param
    if param in _NAMES:
        message = message.replace(f"`{param}`", f"`{_NAMES[param]}`")
    return Reply(reply.status, reply.headers, orjson.dumps({"error": message}))
