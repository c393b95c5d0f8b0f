"""Management of models: a gateway has none of its own, so there is nothing to make, copy, send or delete.

`POST /api/pull` of a model that is there succeeds, since clients pull what they are about to use.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.access.principal import Principal
from gateway.dialects.ollama.answer import NDJSON
from gateway.dialects.ollama.fields import flag, model_of
from gateway.dialects.ollama.names import not_found, route_of
from gateway.dialects.ollama.replies import failure, told
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import GatewayError, NotServed
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object

_PULL = "/api/pull"
_PULLED = b'{"status":"pulling manifest"}\n{"status":"success"}\n'


class OllamaManagement:
    paths: Mapping[str, frozenset[str] | None] = {
        _PULL: frozenset({"POST"}),
        "/api/push": None,
        "/api/create": None,
        "/api/copy": None,
        "/api/delete": None,
        "/api/blobs/": None,
    }
    open_to_all = False
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        if request.path != _PULL:
            raise NotServed(
                f"{request.path[:100]} is not served here: this is a gateway, whose models are those of its "
                "configuration. Manage them on the server that runs them."
            )
        body = parse_object(request.body)
        model = model_of(body)
        if not principal.may_use(route_of(model, pipeline, principal)):
            raise not_found(model)
        if flag(body, "stream", default=True):
            return told(request, _PULLED, NDJSON)
        return told(request, b'{"status":"success"}')

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)
