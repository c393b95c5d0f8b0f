"""Ollama's dialect: chat, generate, embeddings, models, version."""

from __future__ import annotations

from typing import Any, Final

from gateway.openapi.parts import (
    ANYTHING,
    COUNT,
    FLAG,
    JSON,
    LABELS,
    LARGEST,
    NAME,
    OF_A_MODEL_CALL,
    OF_ANY_CALL,
    SAID,
    TEXT,
    Json,
    answer,
    body,
    failures,
    list_of,
    operation,
    or_null,
    record,
    ref,
)

TAG: Final = "Ollama"
_LINES: Final = "application/x-ndjson"
_SECURITY: Final[list[Json]] = [{"bearer": []}]  # but for what `server.anonymous` opens to this machine
_ERROR: Final = ref("OllamaError")
_MESSAGE: Final = record({"role": NAME}, {"content": or_null(TEXT)})
_ANY_CALL: Final = {
    "stream": {**FLAG, "description": "On unless false."},
    "metadata": {**ANYTHING, "properties": {name: or_null(kind) for name, kind in SAID.items()}},
}
_SAID: Final = {"model": NAME, "created_at": {**TEXT, "format": "date-time"}, "done": {"type": "boolean"}}
_COUNTS: Final = dict.fromkeys(("prompt_eval_count", "eval_count", "total_duration", "load_duration"), COUNT)
_MODEL: Final = record({"name": NAME, "model": NAME, "size": COUNT, "digest": NAME, "details": ANYTHING})

SCHEMAS: Final[dict[str, Json]] = {
    "OllamaError": record({"error": NAME}),
    "OllamaChatRequest": record({"model": NAME}, {"messages": or_null(list_of(_MESSAGE)), **_ANY_CALL}),
    "OllamaChat": record(
        {**_SAID, "message": record({"role": {"const": "assistant"}, "content": TEXT})},
        {**_COUNTS, "done_reason": TEXT},
    ),
    "OllamaGenerateRequest": record({"model": NAME}, {"prompt": or_null(TEXT), "system": or_null(TEXT), **_ANY_CALL}),
    "OllamaGenerated": record({**_SAID, "response": TEXT}, {**_COUNTS, "done_reason": TEXT}),
    "OllamaEmbedRequest": record(
        {"model": NAME},
        {
            "input": {"anyOf": [TEXT, list_of(TEXT), {"type": "null"}]},
            "truncate": FLAG,
            "dimensions": {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST},
            "metadata": _ANY_CALL["metadata"],
        },
    ),
    "OllamaVectors": record({"model": NAME, "embeddings": list_of(list_of({"type": "number"}))}),
    "OllamaEmbeddingsRequest": record({"model": NAME}, {"prompt": or_null(TEXT), "metadata": _ANY_CALL["metadata"]}),
    "OllamaVector": record({"embedding": list_of({"type": "number"})}),
    "OllamaModels": record({"models": list_of(_MODEL)}),
    "OllamaModelRequest": record({"model": NAME}),
    "OllamaModel": record({"capabilities": list_of(NAME), "details": ANYTHING, "model_info": ANYTHING}),
    "OllamaStatus": record({"status": NAME}),
    "OllamaVersion": record({"version": NAME, "tidegate": NAME}),
}


def _post(summary: str, request: str, reply: str, statuses: tuple[int, ...], *, lines: bool, receipt: bool) -> Json:
    contents = {JSON: ref(reply), **({_LINES: ref(reply)} if lines else {})}
    replies = {"200": answer("The answer.", contents, receipt=receipt), **failures(statuses, _ERROR)}
    more: dict[str, Any] = {"security": _SECURITY, "requestBody": body(ref(request))}
    return {"post": operation(summary, TAG, replies, parameters=[*LABELS] if receipt else [], **more)}


def _get(summary: str, kind: str, schema: Json, statuses: tuple[int, ...], security: list[Json]) -> Json:
    replies = {"200": answer("What there is.", {kind: schema}, receipt=False), **failures(statuses, _ERROR)}
    heads = {status: {"description": reply["description"]} for status, reply in replies.items()}
    return {
        "get": operation(summary, TAG, replies, security=security),
        "head": operation(summary, TAG, heads, security=security),
    }


_OF_MODELS: Final = (*OF_ANY_CALL, 403, 404)

PATHS: Final[dict[str, Json]] = {
    "/": _get("Is a server there?", "text/plain", TEXT, (500,), [{}]),
    "/api/version": _get("The version of Ollama whose API this is", JSON, ref("OllamaVersion"), (413, 500), [{}]),
    "/api/chat": _post("Chat", "OllamaChatRequest", "OllamaChat", OF_A_MODEL_CALL, lines=True, receipt=True),
    "/api/generate": _post(
        "An answer to one prompt", "OllamaGenerateRequest", "OllamaGenerated", OF_A_MODEL_CALL, lines=True, receipt=True
    ),
    "/api/embed": _post("Vectors", "OllamaEmbedRequest", "OllamaVectors", OF_A_MODEL_CALL, lines=False, receipt=True),
    "/api/embeddings": _post(
        "One vector", "OllamaEmbeddingsRequest", "OllamaVector", OF_A_MODEL_CALL, lines=False, receipt=True
    ),
    "/api/tags": _get("The models that this key may ask for", JSON, ref("OllamaModels"), OF_ANY_CALL, _SECURITY),
    "/api/ps": _get("Those that can answer now, at home", JSON, ref("OllamaModels"), OF_ANY_CALL, _SECURITY),
    "/api/show": _post("What a model can", "OllamaModelRequest", "OllamaModel", _OF_MODELS, lines=False, receipt=False),
    "/api/pull": _post(
        "Succeeds for a model that is there",
        "OllamaModelRequest",
        "OllamaStatus",
        _OF_MODELS,
        lines=True,
        receipt=False,
    ),
}
