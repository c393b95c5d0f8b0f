"""Ollama's models: `GET /api/tags`, `GET /api/ps` and `POST /api/show`. A model is a route that the key may use.

What only the server of a model knows (size, family, quantization) is empty here: which model answers is decided for
each request anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects.ollama.answer import timestamp
from gateway.dialects.ollama.fields import Json, model_of
from gateway.dialects.ollama.names import not_found, route_of
from gateway.dialects.ollama.replies import failure, told
from gateway.pipeline.way import Pipeline
from gateway.wire.endpoint import EMBEDDINGS
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object
from router.clearance import LOCAL_ZONE
from router.fleet import Candidate

_READ = frozenset({"GET", "HEAD"})
_NEVER = "9999-12-31T23:59:59Z"  # when what is loaded will be unloaded: that is nothing a gateway does
_FAMILY = "tidegate"
_ABLE = ("tools", "vision")  # capabilities for which Ollama has the same words


class OllamaModels:
    """`modified_at` is when this configuration came into force."""

    paths: Mapping[str, frozenset[str]] = {
        "/api/tags": _READ,
        "/api/ps": _READ,
        "/api/show": frozenset({"POST"}),
    }
    open_to_all = False
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        if request.path == "/api/show":
            found = _shown(model_of(parse_object(request.body)), pipeline, principal)
        else:
            names = [name for name in pipeline.parts.routes if principal.may_use(name)]
            if request.path == "/api/tags":
                models = [_listed(name, pipeline) for name in names]
            else:
                models = [_listed(name, pipeline) | _RUNNING for name in names if _runs(candidates_of(name, pipeline))]
            found = {"models": models}
        return told(request, orjson.dumps(found))

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


_RUNNING: Json = {"expires_at": _NEVER, "size_vram": 0}


def candidates_of(route: str, pipeline: Pipeline) -> list[Candidate]:
    """The deployments of a route for text as they are now."""
    plan, fleet = pipeline.parts.routes[route], pipeline.parts.fleet.view()
    return [fleet[name] for name in (*plan.small, *plan.large) if name in fleet]


def _runs(candidates: list[Candidate]) -> bool:
    """Whether a model at home answers: what runs elsewhere is not loaded here."""
    return any(candidate.up and candidate.zone == LOCAL_ZONE for candidate in candidates)


def _listed(name: str, pipeline: Pipeline) -> Json:
    return {
        "name": name,
        "model": name,
        "modified_at": timestamp(pipeline.created),
        "size": 0,
        "digest": hashlib.sha256(name.encode()).hexdigest(),  # Ollama's own client wants to show a part of one
        "details": _details(),
    }


def _shown(model: str, pipeline: Pipeline, principal: Principal) -> Json:
    name = route_of(model, pipeline, principal)
    if not principal.may_use(name):  # as if it were not there
        raise not_found(model)
    return {
        "license": "",
        "modelfile": f"FROM {name}\n",
        "parameters": "",
        "template": "",
        "details": _details(),
        "model_info": {"general.architecture": _FAMILY, "general.basename": name},
        "capabilities": [
            *_capabilities(candidates_of(name, pipeline)),
            *(["embedding"] if (EMBEDDINGS.purpose, name) in pipeline.parts.others else []),
        ],
        "modified_at": timestamp(pipeline.created),
    }


def _details() -> Json:
    return {
        "parent_model": "",
        "format": "",
        "family": _FAMILY,
        "families": [_FAMILY],
        "parameter_size": "",
        "quantization_level": "",
    }


def _capabilities(candidates: list[Candidate]) -> list[str]:
    """What one of the deployments can; a request goes to one that can do what it asks for."""
    able = [word for word in _ABLE if any(word not in candidate.lacks for candidate in candidates)]
    return ["completion", *able] if candidates else []
