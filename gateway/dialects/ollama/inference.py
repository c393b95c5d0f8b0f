"""Ollama inference: `POST /api/chat` and `POST /api/generate`, streamed unless the client declines."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.access.principal import Principal
from gateway.dialects.dialling import dial_of, session_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.ollama import asked
from gateway.dialects.ollama.answer import NDJSON, Answer, chat_part, generated_part
from gateway.dialects.ollama.fields import Json
from gateway.dialects.ollama.names import dialled_route_of
from gateway.dialects.ollama.replies import failure, retold, told
from gateway.dialects.openai_fields import text_of
from gateway.dialects.tagging import tags_of
from gateway.dialects.translation import translated
from gateway.pipeline.admit import admit
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.endpoint import CHAT
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object

_CHAT = "/api/chat"
_ONLY_POST = frozenset({"POST"})


class OllamaInference:
    paths: Mapping[str, frozenset[str]] = {_CHAT: _ONLY_POST, "/api/generate": _ONLY_POST}
    open_to_all = False
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        body = parse_object(request.body)
        read, part = (asked.of_chat, chat_part) if request.path == _CHAT else (asked.of_generate, generated_part)
        wanted = read(body)
        route = dialled_route_of(wanted.model, pipeline, principal)
        answer = Answer(wanted.model, part, pipeline.parts.clocks, shows_thoughts=wanted.shows_thoughts)
        wanted.body["model"] = route
        call = call_of(request, body, wanted, route)
        if wanted.done_reason:  # nothing is asked of a model
            admit(pipeline.parts, call, principal)
            return told(request, answer.nothing(wanted.done_reason))
        reply = await pipeline.run(call, principal)
        return retold(reply, answer.whole) if reply.stream is None else translated(reply, answer, NDJSON)

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def call_of(request: Request, body: Json, wanted: asked.Asked, route: str) -> Call:
    return Call(
        body=wanted.body,
        route=route,
        request_id=request.id,
        size=len(request.body),
        streamed=wanted.streamed,
        wants_usage=wanted.streamed,
        endpoint=wanted.endpoint,
        localities=localities_of(request.headers, body),
        labels=labels_of(request.headers, body),
        tags=tags_of(request.headers, body),
        cache_control=text_of(request.headers.get(b"cache-control")),
        dial=dial_of(request.headers),
        session=session_of(request.headers),
        is_translated=wanted.endpoint is CHAT,  # completions have one name for the limit everywhere
    )
