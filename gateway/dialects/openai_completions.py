"""OpenAI's older completions: `POST /v1/completions`, streamed and not.

https://platform.openai.com/docs/api-reference/completions — handed to `/completions` of deployments as they came.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.access.principal import Principal
from gateway.dialects.dialling import dial_of, session_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.openai_errors import failure
from gateway.dialects.openai_fields import choices_of, model_of, streaming_of, text_of, texts_of
from gateway.dialects.tagging import tags_of
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.endpoint import COMPLETIONS
from gateway.wire.errors import BadRequest, GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object


class OpenAICompletions:
    paths: Mapping[str, frozenset[str]] = {"/v1/completions": frozenset({"POST"})}
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
    headers = request.headers
    model = model_of(body)
    # `null` is a prompt of its own: the beginning of a document. To leave it out is a mistake.
    prompts, tokens = (1, 0) if body.get("prompt", "") is None else texts_of(body, "prompt")
    streamed, wants_usage = streaming_of(body)
    choices = choices_of(body)
    best_of = body.get("best_of")
    if best_of is not None and choices_of(body, "best_of") < choices:
        raise BadRequest("`best_of` must not be less than `n`.", param="best_of", code="invalid_value")
    return Call(
        body=body,
        route=model,
        request_id=request.id,
        size=len(request.body),
        streamed=streamed,
        wants_usage=wants_usage,
        wants_receipt=wants_usage and headers.get(b"x-tidegate-receipt") == b"stream",
        choices=prompts * choices,
        endpoint=COMPLETIONS,
        tokens=tokens,
        localities=localities_of(headers, body),
        labels=labels_of(headers, body),
        tags=tags_of(headers, body),
        cache_control=text_of(headers.get(b"cache-control")),
        dial=dial_of(headers),
        session=session_of(headers),
        line=request.line,
    )
