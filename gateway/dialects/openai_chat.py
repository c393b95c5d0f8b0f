"""OpenAI chat completions: `POST /v1/chat/completions`, streamed and not.

https://platform.openai.com/docs/api-reference/chat — the pipeline speaks this format, so answers pass as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.access.principal import Principal
from gateway.dialects.dialling import dial_of, session_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.openai_errors import failure
from gateway.dialects.openai_fields import choices_of, missing, model_of, streaming_of, text_of
from gateway.dialects.tagging import tags_of
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object

_CONTENT: Final[tuple[type, ...]] = (str, list, type(None))


class OpenAIChat:
    paths: Mapping[str, frozenset[str]] = {"/v1/chat/completions": frozenset({"POST"})}
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
    _check_messages(body.get("messages"))
    streamed, wants_usage = streaming_of(body)
    choices = choices_of(body)
    headers = request.headers
    return Call(
        body=body,
        route=model,
        request_id=request.id,
        size=len(request.body),
        streamed=streamed,
        wants_usage=wants_usage,
        wants_receipt=wants_usage and headers.get(b"x-tidegate-receipt") == b"stream",
        choices=choices,
        localities=localities_of(headers, body),
        labels=labels_of(headers, body),
        tags=tags_of(headers, body),
        cache_control=text_of(headers.get(b"cache-control")),
        dial=dial_of(headers),
        session=session_of(headers),
        line=request.line,
    )


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list):
        raise BadRequest("`messages` is required and must be a list.", param="messages", code=missing(messages))
    if not messages:
        raise BadRequest("`messages` must not be empty.", param="messages", code="empty_array")
    for number, message in enumerate(messages):
        if not isinstance(message, dict):
            raise BadRequest(
                f"`messages[{number}]` must be an object.", param=f"messages[{number}]", code="invalid_type"
            )
        if not isinstance(message.get("role"), str):
            where = f"messages[{number}].role"
            raise BadRequest(f"`{where}` must be a string.", param=where, code=missing(message.get("role")))
        if not isinstance(message.get("content"), _CONTENT):
            where = f"messages[{number}].content"
            raise BadRequest(f"`{where}` must be a string or a list of parts.", param=where, code="invalid_type")
