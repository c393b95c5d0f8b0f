"""Ollama embeddings: `POST /api/embed`, and `POST /api/embeddings`, which is older and takes one text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from gateway.access.principal import Principal
from gateway.accounting.usage import usage_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.ollama.fields import Json, flag, items, model_of, text, wrong
from gateway.dialects.ollama.names import route_of
from gateway.dialects.ollama.replies import failure, retold, told
from gateway.dialects.openai_fields import text_of
from gateway.dialects.tagging import tags_of
from gateway.pipeline.admit import admit
from gateway.pipeline.way import Pipeline
from gateway.wire.call import Call
from gateway.wire.endpoint import EMBEDDINGS
from gateway.wire.errors import GatewayError, UpstreamFailed
from gateway.wire.http import Reply, Request
from gateway.wire.json import parse_object

_EMBED = "/api/embed"
_ONLY_POST = frozenset({"POST"})
_KNOWN = frozenset(
    {"model", "name", "input", "prompt", "truncate", "options", "keep_alive", "dimensions", "encoding_format"}
)


class OllamaEmbeddings:
    paths: Mapping[str, frozenset[str]] = {_EMBED: _ONLY_POST, "/api/embeddings": _ONLY_POST}
    open_to_all = False
    keyless = True

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        clock = pipeline.parts.clocks.steady
        started = clock()
        body = parse_object(request.body)
        model, several = model_of(body), request.path == _EMBED
        texts = _texts(body) if several else [said] if (said := text(body, "prompt")) else []
        route = route_of(model, pipeline, principal)
        call = _call(request, body, texts, route)
        tell = partial(_embedded, model, lambda: clock() - started) if several else _embedding
        if not texts:  # nothing is asked of a model: it is to be loaded
            admit(pipeline.parts, call, principal)
            return told(request, tell({"data": []}))
        reply = await pipeline.run(call, principal)
        return retold(reply, tell)

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def _texts(body: Mapping[str, object]) -> list[str]:
    if isinstance(body.get("input"), str):
        return [said] if (said := text(body, "input")) else []
    texts = items(body, "input")
    for place, item in enumerate(texts):
        if not isinstance(item, str):
            wrong(f"input[{place}]", "must be a string")
    return texts


def _call(request: Request, body: Json, texts: list[str], route: str) -> Call:
    """`options` say how a model is loaded or how it writes: neither is for the server that is asked here."""
    asked: Json = {name: value for name, value in body.items() if name not in _KNOWN}
    asked |= {"model": route, "input": texts, "encoding_format": "float"}
    if not flag(body, "truncate", default=True):  # what OpenAI's shape means anyway, for those that know the word
        asked["truncate"] = False
    dimensions = body.get("dimensions")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 0):
        wrong("dimensions", "must be a whole number")
    if dimensions:
        asked["dimensions"] = dimensions
    return Call(
        body=asked,
        route=route,
        request_id=request.id,
        size=len(request.body),
        choices=len(texts),
        endpoint=EMBEDDINGS,
        localities=localities_of(request.headers, body),
        labels=labels_of(request.headers, body),
        tags=tags_of(request.headers, body),
        cache_control=text_of(request.headers.get(b"cache-control")),
    )


def _embedded(model: str, elapsed: Callable[[], float], answer: Mapping[str, Any]) -> bytes:
    said: Json = {"model": model, "embeddings": _vectors(answer)}
    said |= {"total_duration": round(elapsed() * 1e9), "load_duration": 0}  # nanoseconds
    usage = answer.get("usage")
    counted = usage_of(usage) if isinstance(usage, dict) else None
    if counted is not None:
        said["prompt_eval_count"] = counted.prompt_tokens
    return orjson.dumps(said)


def _embedding(answer: Mapping[str, Any]) -> bytes:
    vectors = _vectors(answer)
    return orjson.dumps({"embedding": vectors[0] if vectors else []})


def _vectors(answer: Mapping[str, Any]) -> list[list[float]]:
    """In the order of the texts. Raises `UpstreamFailed` where they are no numbers."""
    data = answer["data"]
    places = [item.get("index") for item in data]
    if sorted(place for place in places if type(place) is int) == list(range(len(data))):
        data = sorted(data, key=lambda item: item["index"])
    vectors = [item["embedding"] for item in data]
    if not all(isinstance(vector, list) for vector in vectors):
        raise UpstreamFailed("The model's server answered with vectors that are not numbers.")
    return vectors
