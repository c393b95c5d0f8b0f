"""OpenAI models: `GET /v1/models` and `GET /v1/models/{id}`. Ids are route names and may hold slashes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects.openai_errors import failure
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import GatewayError, ModelNotFound
from gateway.wire.http import JSON, Reply, Request

_ROOT = "/v1/models"


class OpenAIModels:
    """`created` is when this configuration came into force, in seconds since the epoch."""

    paths: Mapping[str, frozenset[str]] = {
        _ROOT: frozenset({"GET", "HEAD"}),
        f"{_ROOT}/": frozenset({"GET", "HEAD"}),
    }

    open_to_all = True  # so that a probe without a key can see that the gateway is ready; it is shown no model
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        names = [name for name in pipeline.parts.routes if principal.may_use(name)]
        wanted = request.path.removeprefix(_ROOT).removeprefix("/")
        if not wanted:
            data: dict[str, object] = {"object": "list", "data": [_model(name, pipeline.created) for name in names]}
        elif wanted in names:
            data = _model(wanted, pipeline.created)
        else:
            raise ModelNotFound(f"The model `{wanted[:100]}` does not exist here. See GET /v1/models.", param="model")
        headers = [(b"content-type", JSON), (b"x-request-id", request.id.encode())]
        return Reply(200, headers, orjson.dumps(data))

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def _model(name: str, created: int) -> dict[str, object]:
    return {"id": name, "object": "model", "created": created, "owned_by": "tidegate"}
