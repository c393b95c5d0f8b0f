"""OpenAI's Responses, and what is kept of them."""

from __future__ import annotations

from typing import Any, Final

from gateway.openapi.openai import ERROR, SECURITY, TAG
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

_TEXT_PARTS: Final = list_of(record({"type": {"const": "input_text"}, "text": TEXT}), empty=False)
_MESSAGE: Final = record(
    {"role": {"enum": ["user", "system", "developer"]}, "content": {"anyOf": [TEXT, _TEXT_PARTS]}},
    {"type": {"const": "message"}},
)
_RESULT: Final = record({"type": {"const": "function_call_output"}, "call_id": NAME, "output": TEXT})
_INPUT: Final[Json] = {
    "anyOf": [TEXT, list_of(_MESSAGE, empty=False)],
    "description": "A text or items: messages, `function_call`, `function_call_output`, `reasoning`, `item_reference`.",
}
_TOOL: Final = record({"type": {"const": "function"}, "name": NAME, "parameters": ANYTHING}, {"strict": FLAG})
_FIELDS: Final = {
    "instructions": or_null(TEXT),
    "stream": FLAG,
    "store": FLAG,
    "tools": or_null(list_of(_TOOL)),
    "max_output_tokens": {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST},
    "temperature": {"type": ["number", "null"]},
    "metadata": {
        "type": ["object", "null"],
        "properties": {**SAID},
        "additionalProperties": {**TEXT, "maxLength": 512},
        "propertyNames": {"maxLength": 64},
        "maxProperties": 16,
    },
}
_EVENT: Final[Json] = {
    **record({"event": NAME, "data": TEXT}),
    "description": "One event; the last is `response.completed`, `incomplete` or `failed`.",
}
_STATUS: Final[Json] = {"enum": ["completed", "incomplete"]}

SCHEMAS: Final[dict[str, Json]] = {
    "ResponseRequest": record({"model": NAME, "input": _INPUT}, {**_FIELDS, "previous_response_id": or_null(NAME)}),
    "InputTokensRequest": record({"input": _INPUT}, {"model": TEXT, **_FIELDS, "previous_response_id": or_null(NAME)}),
    "Response": record(
        {
            "id": NAME,
            "object": {"const": "response"},
            "created_at": COUNT,
            "status": _STATUS,
            "model": NAME,
            "output": list_of(record({"type": NAME, "id": NAME})),
            "store": {"type": "boolean"},
            "usage": or_null(record({"input_tokens": COUNT, "output_tokens": COUNT, "total_tokens": COUNT})),
            "error": {"type": "null"},
        }
    ),
    "DeletedResponse": record({"id": NAME, "object": {"const": "response"}, "deleted": {"const": True}}),
    "ResponseItems": record(
        {
            "object": {"const": "list"},
            "data": list_of(record({"type": NAME, "id": NAME})),
            "first_id": or_null(TEXT),
            "last_id": or_null(TEXT),
            "has_more": {"type": "boolean"},
        }
    ),
    "InputTokens": record({"object": {"const": "response.input_tokens"}, "input_tokens": COUNT}),
}
_ID: Final[Json] = {"name": "id", "in": "path", "required": True, "schema": NAME}
_OF_KEPT: Final = (*OF_ANY_CALL, 404, 503)
_LINKS: Final[Json] = {
    name: {"operationId": name, "parameters": {"id": "$response.body#/id"}}
    for name in ("getResponse", "deleteResponse", "listInputItems")
}


def _kept(summary: str, contents: dict[str, Json], name: str, parameters: list[Json] | None = None) -> Json:
    replies = {"200": answer("As it is kept.", contents, receipt=False), **failures(_OF_KEPT, ERROR)}
    more: dict[str, Any] = {"security": SECURITY, "operationId": name, "parameters": [_ID, *(parameters or [])]}
    return operation(summary, TAG, replies, **more)


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


_PAGE: Final = [
    _query("order", {"enum": ["asc", "desc"]}),
    _query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
    {**_query("after", NAME), "description": "The id of an item of this list: the page begins behind it."},
]

PATHS: Final[dict[str, Json]] = {
    "/v1/responses": {
        "post": operation(
            "Responses",
            TAG,
            {
                "200": {**answer("The answer.", {JSON: ref("Response"), EVENTS: _EVENT}), "links": _LINKS},
                **failures(OF_A_MODEL_CALL, ERROR),
            },
            security=SECURITY,
            parameters=[*LABELS],
            requestBody=body(ref("ResponseRequest")),
        )
    },
    "/v1/responses/input_tokens": {
        "post": operation(
            "An estimate of the tokens of a request; nobody is asked",
            TAG,
            {
                "200": answer("The estimate.", {JSON: ref("InputTokens")}, receipt=False),
                **failures((*OF_ANY_CALL, 404, 503), ERROR),
            },
            security=SECURITY,
            requestBody=body(ref("InputTokensRequest")),
        )
    },
    "/v1/responses/{id}": {
        "get": _kept("A response as it was given", {JSON: ref("Response")}, "getResponse"),
        "delete": _kept("Forget a response", {JSON: ref("DeletedResponse")}, "deleteResponse"),
    },
    "/v1/responses/{id}/input_items": {
        "get": _kept("What the model was given", {JSON: ref("ResponseItems")}, "listInputItems", _PAGE)
    },
    "/v1/responses/{id}/cancel": {
        "post": operation(
            "Always refused: nothing runs in the background",
            TAG,
            failures(_OF_KEPT, ERROR),
            security=SECURITY,
            parameters=[_ID],
        )
    },
}
