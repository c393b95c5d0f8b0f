"""Feedback: the gateway's own endpoint for what people make of answers."""

from __future__ import annotations

from typing import Final

from gateway.learning.feedback import MOST_CHARACTERS
from gateway.openapi.openai import ERROR, SECURITY
from gateway.openapi.parts import JSON, NAME, OF_ANY_CALL, TEXT, Json, answer, body, failures, operation, record, ref

TAG: Final = "Tidegate"
_ABOUT: Final[Json] = {**NAME, "description": "The `x-request-id` of the answer that this is about."}
_IGNORED: Final[Json] = {"description": "Neither read nor kept."}
_EVICTED: Final[Json] = {
    "type": "boolean",
    "description": "Of an answer of the semantic cache: whether it is not given to that question again.",
}
_SAID: Final[dict[str, Json]] = {
    "thumbs": {"enum": ["up", "down"]},
    "score": {"type": "number", "minimum": 0, "maximum": 1, "description": "How good the answer was."},
    "correction": {
        "type": "string",
        "pattern": "\\S",
        "maxLength": MOST_CHARACTERS,
        "description": "The answer as it should have been; kept only where the route captures.",
    },
    "preferred": {**NAME, "description": "The request with the better answer to the same question."},
}

SCHEMAS: Final[dict[str, Json]] = {
    "Feedback": {
        "oneOf": [
            {**record({"request_id": _ABOUT, name: kind}, {"comment": _IGNORED}), "additionalProperties": False}
            for name, kind in _SAID.items()
        ],
        "description": "Exactly one of `thumbs`, `score`, `correction` and `preferred`; the last of a key counts.",
    },
    "FeedbackTaken": record(
        {"object": {"const": "feedback"}, "request_id": NAME, "source": TEXT}, {"evicted": _EVICTED}
    ),
}

_REPLIES: Final[dict[str, Json]] = {
    "200": answer("It is kept.", {JSON: ref("FeedbackTaken")}, receipt=False),
    **failures((*OF_ANY_CALL, 404, 429, 503), ERROR),
    "404": {
        "description": "No request of this key or its team is kept under this id.",
        "content": {JSON: {"schema": ERROR}},
    },
    "503": {"description": "The database is away: try again.", "content": {JSON: {"schema": ERROR}}},
}

PATHS: Final[dict[str, Json]] = {
    "/v1/feedback": {
        "post": operation(
            "What somebody makes of an answer", TAG, _REPLIES, security=SECURITY, requestBody=body(ref("Feedback"))
        )
    }
}
