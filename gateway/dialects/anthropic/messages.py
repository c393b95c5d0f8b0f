"""Anthropic's Messages: `POST /v1/messages`, streamed and not, and `POST /v1/messages/count_tokens`."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects.anthropic.errors import error_event, failure
from gateway.dialects.anthropic.request import question_of
from gateway.dialects.anthropic.stream import PING, MessagesAnswer
from gateway.dialects.anthropic.tokens import estimated_tokens
from gateway.dialects.translation import error_object, translated
from gateway.pipeline.admit import admit
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import GatewayError, NotServed
from gateway.wire.http import EVENT_STREAM, JSON, Reply, Request

_MESSAGES = "/v1/messages"
_COUNT_TOKENS = f"{_MESSAGES}/count_tokens"


class AnthropicMessages:
    """`anthropic-version` may be any, or none: there has only been one since 2023."""

    paths: Mapping[str, frozenset[str]] = {
        _MESSAGES: frozenset({"POST"}),
        _COUNT_TOKENS: frozenset({"POST"}),
        f"{_MESSAGES}/": frozenset({"GET", "POST", "DELETE"}),  # batches: told in Anthropic's shape that there are none
    }
    open_to_all = False
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return credential(headers)

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        if request.path == _COUNT_TOKENS:
            return _count(request, pipeline, principal)
        if request.path != _MESSAGES:
            raise NotServed("This endpoint is not served here. See POST /v1/messages.")
        question = question_of(request)
        answer = MessagesAnswer(question)
        number = request.id
        if request.line is not None:  # which the question holds, so it must not hold the question
            request.line.cut = lambda error: error_event(error_object(error), number)
            request.line.fields = ((b"request-id", number.encode()),)
        reply = await pipeline.run(question.call, principal)
        reply = translated(reply, answer, EVENT_STREAM, keep_alive=PING)
        reply.headers.append((b"request-id", number.encode()))
        return reply

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def credential(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key in `x-api-key`, else the `authorization` header."""
    key = headers.get(b"x-api-key")
    return headers.get(b"authorization") if key is None else b"Bearer " + key


def _count(request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
    """An estimate. Nothing is asked, and nothing leaves."""
    call = question_of(request, counts_only=True).call
    admit(pipeline.parts, call, principal)
    number = request.id.encode()
    headers = [(b"content-type", JSON), (b"x-request-id", number), (b"request-id", number)]
    return Reply(200, headers, orjson.dumps({"input_tokens": estimated_tokens(call.body)}))
