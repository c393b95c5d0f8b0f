"""OpenAI embeddings: `POST /v1/embeddings`.

https://platform.openai.com/docs/api-reference/embeddings — handed to `/embeddings` of deployments as they came.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.access.principal import Principal
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.openai_errors import failure
from gateway.dialects.openai_fields import model_of, text_of, texts_of
from gateway.dialects.tagging import tags_of
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.endpoint import EMBEDDINGS
from gateway.wire.errors import BadRequest, GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object

_FORMATS = (None, "float", "base64")


class OpenAIEmbeddings:
    paths: Mapping[str, frozenset[str]] = {"/v1/embeddings": frozenset({"POST"})}
    open_to_all = False
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        return await pipeline.run(call_of(request), principal)

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def call_of(request: Request) -> Call:
    """The request as a call. Raises `BadRequest` naming the field that is wrong."""
    body = parse_object(request.body)
    model = model_of(body)
    inputs, tokens = texts_of(body, "input")
    if body.get("encoding_format") not in _FORMATS:
        raise BadRequest("`encoding_format` must be float or base64.", param="encoding_format", code="invalid_value")
    dimensions = body.get("dimensions")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 1):
        raise BadRequest("`dimensions` must be a whole number from 1.", param="dimensions", code="invalid_value")
    return Call(
        body=body,
        route=model,
        request_id=request.id,
        size=len(request.body),
        choices=inputs,
        endpoint=EMBEDDINGS,
        tokens=tokens,
        localities=localities_of(request.headers, body),
        labels=labels_of(request.headers, body),
        tags=tags_of(request.headers, body),
        cache_control=text_of(request.headers.get(b"cache-control")),
    )
