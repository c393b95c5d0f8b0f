"""OpenAI models: `GET /v1/models` and `GET /v1/models/{id}`. Ids are route names and may hold slashes.

Anthropic's clients ask at the same address, and are told apart by the header `anthropic-version`, which they always
send; they get Anthropic's shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from gateway.access.principal import Principal
from gateway.dialects.anthropic.messages import credential
from gateway.dialects.anthropic.models import model_info, model_list
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
        return credential(headers)

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        names = [name for name in pipeline.parts.routes if principal.may_use(name)]
        wanted = request.path.removeprefix(_ROOT).removeprefix("/")
        for_anthropic, created = b"anthropic-version" in request.headers, pipeline.created
        if not wanted:
            data = model_list(names, created) if for_anthropic else _list(names, created)
        elif wanted in names:
            data = model_info(wanted, created) if for_anthropic else _model(wanted, created)
        else:
            raise ModelNotFound(f"The model `{wanted[:100]}` does not exist here. See GET /v1/models.", param="model")
        headers = [(b"content-type", JSON), (b"x-request-id", request.id.encode())]
        return Reply(200, headers, orjson.dumps(data))

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def _list(names: Sequence[str], created: int) -> dict[str, object]:
    return {"object": "list", "data": [_model(name, created) for name in names]}


def _model(name: str, created: int) -> dict[str, object]:
    return {"id": name, "object": "model", "created": created, "owned_by": "tidegate"}
