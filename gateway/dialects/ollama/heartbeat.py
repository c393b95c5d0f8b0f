"""Heartbeat: what Ollama's clients ask before anything else, whether there is a server and which version it has."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects.ollama.replies import failure, told
from gateway.pipeline.way import Pipeline
from gateway.version import VERSION
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, Request

SPOKEN = "0.13.0"  # the version of Ollama whose API this is: clients refuse what seems too old to them
_READ = frozenset({"GET", "HEAD"})
_RUNNING = b"Ollama is running"  # some clients look for these words


class OllamaHeartbeat:
    paths: Mapping[str, frozenset[str]] = {"/": _READ, "/api/version": _READ}
    open_to_all = True
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:  # noqa: ARG002  # whoever asks may know
        return None

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:  # noqa: ARG002
        if request.path == "/":
            return told(request, _RUNNING, b"text/plain; charset=utf-8")
        return told(request, orjson.dumps({"version": SPOKEN, "tidegate": VERSION}))

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)
