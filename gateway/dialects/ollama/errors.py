"""Errors in Ollama's shape: an object whose `error` is a sentence."""

from __future__ import annotations

import orjson

from gateway.dialects import openai_errors
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply


def failure(error: GatewayError, request_id: str) -> Reply:
    """Status and headers are as in every dialect."""
    reply = openai_errors.failure(error, request_id)
    return Reply(reply.status, reply.headers, orjson.dumps({"error": error.message}))
