"""OpenAI's dialect: chat, completions, embeddings, moderations, models."""

from __future__ import annotations

from typing import Final

from gateway.openapi.parts import (
    ANYTHING,
    COUNT,
    EVENTS,
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

TAG: Final = "OpenAI"
SECURITY: Final[list[Json]] = [{"bearer": []}]
ERROR: Final = ref("Error")
_CHOICES: Final[Json] = {"type": ["integer", "null"], "minimum": 1, "maximum": 128}
_TOKENS: Final = list_of({**COUNT, "maximum": LARGEST}, empty=False)
_TEXTS: Final[Json] = {
    "anyOf": [TEXT, _TOKENS, list_of({"anyOf": [TEXT, _TOKENS]}, empty=False)],
    "description": "A text or token numbers, or a list of either. Token numbers cannot be read, so they stay at home.",
}
_OPTIONS: Final = {
    "stream": FLAG,
    "stream_options": or_null(record({}, {"include_usage": {"description": "A last chunk with the usage."}})),
    "n": _CHOICES,
    "metadata": {**ANYTHING, "properties": {name: or_null(kind) for name, kind in SAID.items()}},
}
_MESSAGE: Final = record({"role": TEXT}, {"content": {"type": ["string", "array", "null"]}})
_STREAM: Final[Json] = {
    **record({"data": TEXT}),
    "description": "One event: a chunk as JSON; `[DONE]` after a clean end, else an `error` object.",
}

SCHEMAS: Final[dict[str, Json]] = {
    "Error": record({"error": record({"message": NAME, "type": NAME, "param": or_null(TEXT), "code": or_null(TEXT)})}),
    "Usage": record({"prompt_tokens": COUNT, "total_tokens": COUNT}, {"completion_tokens": COUNT}),
    "ChatRequest": record({"model": NAME, "messages": list_of(_MESSAGE, empty=False)}, _OPTIONS),
    "ChatCompletion": record(
        {"choices": list_of(record({"message": ANYTHING}), empty=False), "usage": ref("Usage")},
        {"id": TEXT, "object": TEXT, "created": {"type": "integer"}, "model": TEXT},
    ),
    "CompletionRequest": record(
        {"model": NAME, "prompt": or_null(_TEXTS)},
        _OPTIONS,
    ),
    "Completion": record(
        {"choices": list_of(record({"text": TEXT}), empty=False), "usage": ref("Usage")}, {"id": TEXT, "model": TEXT}
    ),
    "EmbeddingsRequest": record(
        {"model": NAME, "input": _TEXTS},
        {
            "encoding_format": {"enum": ["float", "base64", None]},
            "dimensions": {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST},
            "metadata": _OPTIONS["metadata"],
        },
    ),
    "Embeddings": record(
        {
            "data": list_of(record({"embedding": {"type": ["array", "string"]}}), empty=False),
            "usage": ref("Usage"),
        },
        {"model": TEXT},
    ),
    "ModerationsRequest": record(
        {
            "input": {
                "anyOf": [TEXT, list_of(TEXT, empty=False), list_of(ref("ModerationsPart"), empty=False)],
                "description": "A list of parts gets one result, each text of a list its own.",
            }
        },
        {"model": {"description": "A route that lists deployments for it; else the gateway's scanner answers."}},
    ),
    "ModerationsPart": {
        "anyOf": [
            record({"type": {"const": "text"}, "text": TEXT}),
            record({"type": {"const": "image_url"}, "image_url": ANYTHING}),
        ]
    },
    "Moderations": record({"results": list_of(record({"flagged": {"type": "boolean"}}), empty=False)}, {"model": TEXT}),
    "Model": record({"id": NAME, "object": {"const": "model"}, "created": COUNT, "owned_by": TEXT}),
    "Models": record({"object": {"const": "list"}, "data": list_of(ref("Model"))}),
}


def _call(summary: str, request: str, reply: str, *, streams: bool) -> Json:
    contents = {JSON: ref(reply), **({EVENTS: _STREAM} if streams else {})}
    replies = {"200": answer("The answer.", contents), **failures(OF_A_MODEL_CALL, ERROR)}
    return {
        "post": operation(
            summary, TAG, replies, security=SECURITY, parameters=[*LABELS], requestBody=body(ref(request))
        )
    }


def _read(summary: str, ours: str, theirs: str, statuses: tuple[int, ...], parameters: list[Json]) -> Json:
    """Anyone may ask, and sees what their key may use. `theirs` is Anthropic's shape."""
    schema = {"anyOf": [ref(ours), ref(theirs)]}
    version = {
        "name": "anthropic-version",
        "in": "header",
        "description": "With it the answer is in Anthropic's shape.",
        "schema": TEXT,
    }
    replies = {"200": answer("What this key may use.", {JSON: schema}, receipt=False), **failures(statuses, ERROR)}
    security: list[Json] = [{}, *SECURITY, {"x-api-key": []}]
    more = {"security": security, "parameters": [*parameters, version]}
    heads = {status: {"description": reply["description"]} for status, reply in replies.items()}
    return {"get": operation(summary, TAG, replies, **more), "head": operation(summary, TAG, heads, **more)}


_ID: Final[Json] = {"name": "id", "in": "path", "required": True, "description": "May hold slashes.", "schema": NAME}

PATHS: Final[dict[str, Json]] = {
    "/v1/chat/completions": _call("Chat", "ChatRequest", "ChatCompletion", streams=True),
    "/v1/completions": _call("Completions", "CompletionRequest", "Completion", streams=True),
    "/v1/embeddings": _call("Embeddings", "EmbeddingsRequest", "Embeddings", streams=False),
    "/v1/moderations": _call(
        "Moderations: by a route's deployments, else whether a text would stay at home",
        "ModerationsRequest",
        "Moderations",
        streams=False,
    ),
    "/v1/models": _read("The models that this key may ask for", "Models", "AnthropicModels", OF_ANY_CALL, []),
    "/v1/models/{id}": _read("One model", "Model", "AnthropicModel", (*OF_ANY_CALL, 404), [_ID]),
}
