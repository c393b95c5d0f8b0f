"""Anthropic's dialect: messages and the count of their tokens."""

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

TAG: Final = "Anthropic"
_SECURITY: Final[list[Json]] = [{"x-api-key": []}, {"bearer": []}]
_ERROR: Final = ref("AnthropicError")


def _said(blocks: list[Json]) -> Json:
    return {"anyOf": [TEXT, list_of({"anyOf": blocks})]}


_TEXT_BLOCK: Final = record({"type": {"const": "text"}, "text": TEXT})
_TEXTS: Final = _said([_TEXT_BLOCK])
_CALL: Final = record({"type": {"const": "tool_use"}, "id": NAME, "name": NAME, "input": ANYTHING})
_THOUGHT: Final = record({"type": {"const": "thinking"}, "thinking": TEXT}, {"signature": TEXT})
_REDACTED: Final = record({"type": {"const": "redacted_thinking"}})
_SOURCE: Final[Json] = {
    "anyOf": [
        record({"type": {"const": "base64"}, "media_type": NAME, "data": NAME}),
        record({"type": {"const": "url"}, "url": NAME}),
    ]
}
_IMAGE: Final = record({"type": {"const": "image"}, "source": _SOURCE})
_RESULT: Final = record(
    {"type": {"const": "tool_result"}, "tool_use_id": NAME},
    {"content": or_null(_said([_TEXT_BLOCK, _IMAGE])), "is_error": {"type": "boolean"}},
)
_MESSAGE: Final[Json] = {
    "anyOf": [
        record({"role": {"const": "user"}, "content": _said([_TEXT_BLOCK, _IMAGE, _RESULT])}),
        record({"role": {"const": "assistant"}, "content": _said([_TEXT_BLOCK, _CALL, _THOUGHT, _REDACTED])}),
        record({"role": {"const": "system"}, "content": _TEXTS}),
    ]
}
_TOOL: Final = record({"name": NAME, "input_schema": ANYTHING}, {"description": or_null(TEXT)})
_FIELDS: Final = {
    "system": or_null(_TEXTS),
    "tools": or_null(list_of(_TOOL)),
    "stop_sequences": or_null(list_of(TEXT)),
    "thinking": or_null(record({"type": {"enum": ["enabled", "adaptive", "between_tools", "disabled"]}})),
    "metadata": or_null(record({}, {name: or_null(kind) for name, kind in {"user_id": TEXT, **SAID}.items()})),
    "stream": FLAG,
}
_ASKED: Final = {
    "model": NAME,
    "messages": list_of(_MESSAGE, empty=False),
}
_STREAM: Final[Json] = {
    **record({"event": NAME, "data": TEXT}),
    "description": "One event; `message_stop` after a clean end, else `error`.",
}

SCHEMAS: Final[dict[str, Json]] = {
    "AnthropicError": record(
        {"type": {"const": "error"}, "error": record({"type": NAME, "message": NAME}), "request_id": NAME}
    ),
    "MessagesRequest": record({**_ASKED, "max_tokens": {"type": "integer", "minimum": 1, "maximum": LARGEST}}, _FIELDS),
    "Message": record(
        {
            "id": NAME,
            "type": {"const": "message"},
            "role": {"const": "assistant"},
            "model": NAME,
            "content": list_of({"anyOf": [_TEXT_BLOCK, _CALL, _THOUGHT]}),
            "stop_reason": NAME,
            "stop_sequence": or_null(TEXT),
            "usage": record({"input_tokens": COUNT, "output_tokens": COUNT}),
        }
    ),
    "CountTokensRequest": record(_ASKED, _FIELDS),
    "TokenCount": record({"input_tokens": COUNT}),
    "AnthropicModel": record(
        {"type": {"const": "model"}, "id": NAME, "display_name": NAME, "created_at": {**TEXT, "format": "date-time"}}
    ),
    "AnthropicModels": record(
        {
            "data": list_of(ref("AnthropicModel")),
            "has_more": {"type": "boolean"},
            "first_id": or_null(TEXT),
            "last_id": or_null(TEXT),
        }
    ),
}


def _call(summary: str, request: str, contents: dict[str, Json], statuses: tuple[int, ...], *, receipt: bool) -> Json:
    replies = {"200": answer("The answer.", contents, receipt=receipt), **failures(statuses, _ERROR)}
    return {
        "post": operation(
            summary, TAG, replies, security=_SECURITY, parameters=[*LABELS], requestBody=body(ref(request))
        )
    }


PATHS: Final[dict[str, Json]] = {
    "/v1/messages": _call(
        "Messages", "MessagesRequest", {JSON: ref("Message"), EVENTS: _STREAM}, (*OF_A_MODEL_CALL, 529), receipt=True
    ),
    "/v1/messages/count_tokens": _call(
        "An estimate of the tokens of a request; nobody is asked",
        "CountTokensRequest",
        {JSON: ref("TokenCount")},
        (400, 401, 403, 404, 408, 413, 500, 529),
        receipt=False,
    ),
}
