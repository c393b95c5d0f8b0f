"""Heartbeat: what Ollama's clients ask before anything else, whether there is a server and which version it has."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects import openai_errors
from gateway.dialects.ollama.replies import failure, told
from gateway.pipeline.way import Pipeline
from gateway.version import VERSION
from gateway.wire.errors import GatewayError, NotServed
from gateway.wire.http import Reply, Request

SPOKEN = "0.13.0"  # the version of Ollama whose API this is: clients refuse what seems too old to them
_ROOT = "/"
_READ = frozenset({"GET", "HEAD"})
_RUNNING = b"Ollama is running"  # some clients look for these words


class OllamaHeartbeat:
    """Whoever asks may know. The root is Ollama's for those who read: who sends something there has lost its way."""

    paths: Mapping[str, frozenset[str] | None] = {_ROOT: None, "/api/version": _READ}
    open_to_all = True
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:  # noqa: ARG002
        return None

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:  # noqa: ARG002
        if request.path != _ROOT:
            return told(request, orjson.dumps({"version": SPOKEN, "tidegate": VERSION}))
        if request.method not in _READ:
            raise NotServed(f"Unknown request URL: {request.method} {_ROOT}.")
        return told(request, _RUNNING, b"text/plain; charset=utf-8")

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        """At an unknown path nobody can tell whose client it is: OpenAI's shape."""
        if isinstance(error, NotServed):
            return openai_errors.failure(error, request_id)
        return failure(error, request_id)
