"""OpenAI moderations: `POST /v1/moderations`.

https://platform.openai.com/docs/api-reference/moderations — answered by the deployments of a route that lists some, and
else by the gateway's own scanner, which says what would stay at home. It judges nothing of what OpenAI's categories are
about: they are always false, with a score of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from gateway.access.principal import Principal
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.openai_errors import failure
from gateway.dialects.openai_fields import missing, text_of
from gateway.dialects.tagging import tags_of
from gateway.pipeline.moderate import Verdict, moderate
from gateway.pipeline.way import Pipeline
from gateway.telemetry.catalogue import NO_ROUTE
from gateway.wire.call import Call
from gateway.wire.endpoint import MODERATIONS
from gateway.wire.errors import BadRequest, GatewayError
from gateway.wire.http import JSON, Headers, Reply, Request
from gateway.wire.json import parse_object
from router.content import content_of

SCANNER = "tidegate-scanner"
SENSITIVE, UNREADABLE = "sensitive", "sensitive/unreadable"
_PARTS = ("text", "image_url")
_OPENAIS = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


class OpenAIModerations:
    paths: Mapping[str, frozenset[str]] = {"/v1/moderations": frozenset({"POST"})}
    open_to_all = False
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        parts = pipeline.parts
        started = parts.clocks.steady()
        body = parse_object(request.body)
        inputs = _inputs_of(body)
        model = body.get("model")
        if isinstance(model, str) and (MODERATIONS.purpose, model) in parts.others:
            return await pipeline.run(_call_of(request, body, model, len(inputs)), principal)
        contents = [content_of({"input": item}) for item in inputs]
        results = [_result(verdict) for verdict in await moderate(parts, contents, len(request.body), principal.asker)]
        answer = {"id": f"modr-{request.id}", "model": SCANNER, "results": results}
        number = request.id.encode()
        headers: Headers = [(b"content-type", JSON), (b"x-request-id", number), (b"x-tidegate-request-id", number)]
        reply = Reply(200, [*headers, (b"x-tidegate-zone", b"local")], orjson.dumps(answer))
        reply.over = partial(_count, pipeline, started)
        return reply

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)


def _call_of(request: Request, body: dict[str, object], model: str, results: int) -> Call:
    return Call(
        body=body,
        route=model,
        request_id=request.id,
        size=len(request.body),
        choices=results,
        endpoint=MODERATIONS,
        localities=localities_of(request.headers, body),
        labels=labels_of(request.headers, body),
        tags=tags_of(request.headers, body),
        cache_control=text_of(request.headers.get(b"cache-control")),
    )


def _inputs_of(body: Mapping[str, object]) -> list[object]:
    """What gets a result each: every text of a list, but a list of parts as a whole. Raises `BadRequest`."""
    value = body.get("input")
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        kinds = "`input` is required and must be a string, a list of strings, or a list of parts."
        raise BadRequest(kinds, param="input", code=missing(value))
    if not value:
        raise BadRequest("`input` must not be empty.", param="input", code="empty_array")
    in_parts = isinstance(value[0], dict)
    for index, item in enumerate(value):
        if not (_is_part(item) if in_parts else isinstance(item, str)):
            where, kind = f"input[{index}]", "a part of type text or image_url" if in_parts else "a string"
            raise BadRequest(f"`{where}` must be {kind}.", param=where, code="invalid_type")
    return [value] if in_parts else value


def _is_part(item: object) -> bool:
    if not isinstance(item, dict) or item.get("type") not in _PARTS:
        return False
    return isinstance(item.get("text"), str) if item["type"] == "text" else isinstance(item.get("image_url"), dict)


def _result(verdict: Verdict) -> dict[str, Any]:
    """OpenAI's categories, and the gateway's own: `sensitive`, and under it each type that was found."""
    categories: dict[str, bool] = dict.fromkeys(_OPENAIS, False)
    scores: dict[str, float] = dict.fromkeys(_OPENAIS, 0.0)
    applied: dict[str, list[str]] = {name: [] for name in _OPENAIS}
    found = [(f"{SENSITIVE}/{name}", *said) for name, said in sorted(verdict.types.items())]
    if verdict.unreadable:
        found.append((UNREADABLE, True, 1.0))
    kept = [confidence for _, is_kept, confidence in found if is_kept]
    for name, is_kept, confidence in [(SENSITIVE, verdict.flagged, max(kept, default=0.0)), *found]:
        categories[name], scores[name], applied[name] = is_kept, round(confidence, 4), ["text"]
    return {
        "flagged": verdict.flagged,
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }


def _count(pipeline: Pipeline, started: float) -> None:
    parts = pipeline.parts
    parts.metrics.answered(NO_ROUTE, None, 200, False, parts.clocks.steady() - started)
