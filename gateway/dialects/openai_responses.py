"""OpenAI Responses: `POST /v1/responses`, streamed and not, and what is kept of the answers.

https://platform.openai.com/docs/api-reference/responses — every deployment answers it: requests are told in chat, and
the answers told back. There is no `[DONE]` here: a stream ends with the response, completed, incomplete or failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.access.principal import Principal
from gateway.accounting.usage import estimated_usage
from gateway.dialects.dialling import dial_of, route_of, session_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.openai_errors import failure
from gateway.dialects.responses.asking import asked
from gateway.dialects.responses.events import Events
from gateway.dialects.responses.fields import Json, flag, text, unsupported
from gateway.dialects.responses.items import RESPONSE, items_of, page_of, with_ids
from gateway.dialects.responses.keeping import Keeping, look_up, not_there, recall, told
from gateway.dialects.responses.response import opened
from gateway.dialects.tagging import tags_of
from gateway.dialects.translation import error_object
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, GatewayError, MethodNotAllowed, NotServed
from gateway.wire.http import JSON, Reply, Request
from gateway.wire.json import parse_object, serialise
from router.clearance import Clearance
from router.content import content_of

_ROOT = "/v1/responses"
_ONE = frozenset({"GET", "HEAD", "DELETE"})
_POST = frozenset({"POST"})
_GET = frozenset({"GET", "HEAD"})
# Below the root each address has methods of its own: who uses another is told which, once it is clear what is meant.
_ANY = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


class OpenAIResponses:
    paths: Mapping[str, frozenset[str] | None] = {_ROOT: _POST, f"{_ROOT}/": _ANY}
    open_to_all = False
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        match request.path.removeprefix(_ROOT).removeprefix("/").split("/"):
            case [""]:
                _allow(request, _POST)
                return await _create(request, pipeline, principal)
            case ["input_tokens"]:
                _allow(request, _POST)
                return _json(request, await _count(request, pipeline, principal))
            case [response_id] if response_id != "compact":
                _allow(request, _ONE)
                return _json(request, await _one(request, pipeline, principal, response_id))
            case [response_id, "input_items"]:
                _allow(request, _GET)
                kept = await look_up(pipeline.parts.conversations, principal.name, response_id)
                return _json(request, page_of(kept.items, _query(request)))
            case [response_id, "cancel"]:
                _allow(request, _POST)
                await look_up(pipeline.parts.conversations, principal.name, response_id)
                raise BadRequest("Cannot cancel a synchronous response.")
        raise NotServed("There is no such endpoint here.")

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


async def _create(request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
    parts, body = pipeline.parts, parse_object(request.body)
    streamed = _flag_of(body, "stream", default=False)
    store = parts.conversations if _flag_of(body, "store", default=True) else None
    past = await recall(parts.conversations, principal.name, _previous(body), items_of(body))
    ask = asked(body, past.before, past.given)
    number = request.id.partition("_")[2]
    keeping = None
    if store is not None:
        items = with_ids(past.given, number)
        serialise(items)  # what cannot be written down is the client's to mend, before anything was asked
        route = route_of(ask.chat["model"], parts)
        keeping = Keeping(parts, store, principal, route, (*past.before, *items))
    response = opened(
        ask.said, ask.chat["model"], RESPONSE + number, int(parts.clocks.wall()), store=keeping is not None
    )
    events = Events(response, number, parts.clocks.wall)
    if request.line is not None:
        request.line.cut = lambda error: events.broken_off(error_object(error))
    reply = await pipeline.run(_call(request, body, ask.chat, past.clearance, streamed=streamed), principal)
    return await told(reply, events, keeping)


async def _count(request: Request, pipeline: Pipeline, principal: Principal) -> Json:
    """An estimate: tokenizers differ from model to model, and a local one is not asked for this."""
    parts, body = pipeline.parts, parse_object(request.body)
    past = await recall(parts.conversations, principal.name, _previous(body), items_of(body))
    chat = asked({"model": "", **body}, past.before, past.given).chat
    content = await parts.large_prompts.run(lambda: content_of(chat))
    characters = sum(len(segment.text) for segment in content.segments)
    return {"object": "response.input_tokens", "input_tokens": estimated_usage(characters, 0).prompt_tokens}


async def _one(request: Request, pipeline: Pipeline, principal: Principal, response_id: str) -> Json:
    store = pipeline.parts.conversations
    if request.method == "DELETE":
        if store is None or not await store.forget(response_id, principal.name):
            raise not_there(response_id)
        return {"id": response_id, "object": "response", "deleted": True}
    if _query(request).get("stream") == "true":
        unsupported("stream", "A stored response is not streamed again: ask for it without `stream`.")
    return (await look_up(store, principal.name, response_id)).response


def _call(request: Request, body: Json, chat: Json, inherited: Clearance, *, streamed: bool) -> Call:
    cache_control = request.headers.get(b"cache-control")
    return Call(
        body=chat,
        route=chat["model"],
        request_id=request.id,
        size=len(serialise(chat)),  # with what was said before, which is scanned again
        streamed=streamed,
        wants_usage=streamed,
        localities=localities_of(request.headers, body),
        labels=labels_of(request.headers, body),
        tags=tags_of(request.headers, body),
        cache_control=None if cache_control is None else cache_control.decode("latin-1"),
        dial=dial_of(request.headers),
        session=session_of(request.headers),
        inherited=inherited,
        is_translated=True,
        line=request.line,
    )


def _previous(body: Mapping[str, Any]) -> str | None:
    given = body.get("previous_response_id")
    return None if given is None else text(given, "previous_response_id")


def _flag_of(body: Mapping[str, Any], name: str, *, default: bool) -> bool:
    given = body.get(name)
    return default if given is None else flag(given, name)


def _query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query.decode("latin-1"), keep_blank_values=True))


def _allow(request: Request, methods: frozenset[str]) -> None:
    if request.method not in methods:
        raise MethodNotAllowed(request.method, methods)


def _json(request: Request, value: Json) -> Reply:
    number = request.id.encode()
    headers = [(b"content-type", JSON), (b"x-request-id", number), (b"x-tidegate-request-id", number)]
    return Reply(200, headers, orjson.dumps(value))
