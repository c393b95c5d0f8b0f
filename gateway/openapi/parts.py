"""Parts that the descriptions of several dialects are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"

TEXT: Final[Json] = {"type": "string"}
NAME: Final[Json] = {"type": "string", "minLength": 1}
FLAG: Final[Json] = {"type": ["boolean", "null"]}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
LARGEST: Final = 2**64 - 1  # a larger whole number is none in JSON as it is read here
ANYTHING: Final[Json] = {"type": "object"}

_STATUSES: Final = {
    400: "The request has to be changed: the message says what, and `param` where.",
    401: "The key is missing or wrong.",
    403: "The key may not use this model.",
    404: "There is no such model here: see `GET /v1/models`.",
    408: "The body did not arrive in time.",
    409: "What is there already does not go together with it: the message says what.",
    413: "The body is larger than `server.max_body_bytes`.",
    429: "Too many requests: wait for `retry-after` seconds.",
    500: "A fault of the gateway itself.",
    502: "No deployment could answer.",
    503: "No deployment that may see the content is up, or the gateway is stopping.",
    504: "No deployment answered in time.",
    529: "The gateway is stopping: try again in a moment.",
}
OF_ANY_CALL: Final = (400, 401, 408, 413, 500)
OF_A_MODEL_CALL: Final = (400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504)

RECEIPT: Final = {
    "x-tidegate-request-id": "The id of this request in logs and ledger; also in `x-request-id`.",
    "x-tidegate-route": "The route that was asked for.",
    "x-tidegate-deployment": "Who answered.",
    "x-tidegate-zone": "Where that runs.",
    "x-tidegate-reason": "Why it was chosen.",
    "x-tidegate-clearance": "How far the content may travel.",
    "x-tidegate-queued-ms": "How long it waited until the deployment had room for it, if it did.",
    "x-tidegate-masked": "How many values of each type were masked for the deployment that answered.",
    "x-tidegate-difficulty": "The probability that the small model is not good enough.",
    "x-tidegate-head": "What estimated the difficulty, if not the shipped model: deployment@version.",
    "x-tidegate-dial": "The dial in force, where there is one: `share=0.3; threshold=0.6123; by=route`.",
    "x-tidegate-cache": "`hit`, `miss`, `stale`, `bypass` or `off`.",
    "x-tidegate-cost-usd": "What it cost, where that is known when the headers leave.",
}
_ZONE: Final = "[A-Za-z][A-Za-z0-9-]{0,31}"
LOCALITY: Final[Json] = {
    "type": "string",
    "pattern": rf"^(any|none|masked|(masked:)?{_ZONE}(\+{_ZONE})*)$",
    "description": "How far the content may travel at most: `local`, `any`, zones such as `eu+local`, `masked`.",
}
LABEL: Final[Json] = {
    "type": "string",
    "description": "What the content is called, divided by commas; rules of the policy hold for it, others are a 400.",
}
SAID: Final[Mapping[str, Json]] = {"tidegate_locality": LOCALITY, "tidegate_label": LABEL}
LABELS: Final[Sequence[Json]] = (
    {
        "name": "x-tidegate-label",
        "in": "header",
        "schema": LABEL,
    },
    {
        "name": "x-tidegate-locality",
        "in": "header",
        "schema": LOCALITY,
    },
    {
        "name": "x-tidegate-tags",
        "in": "header",
        "description": "Tags, divided by commas, that a route's rules may ask for where text is answered.",
        "schema": TEXT,
    },
    {
        "name": "x-tidegate-dial",
        "in": "header",
        "description": "How much of the large model this request may have: `share=0.3`, `cost=2.50`, `quality=0.95`, "
        "`threshold=0.5`, or a number alone, of the route's own kind.",
        "schema": TEXT,
    },
    {
        "name": "x-tidegate-session",
        "in": "header",
        "description": "What the caller calls the conversation: it stays with the deployment that has its prompt.",
        "schema": TEXT,
    },
    {
        "name": "cache-control",
        "in": "header",
        "description": "`no-cache` and `no-store` go round the answer cache, `max-age` and `min-fresh` limit the age "
        "of a hit, `max-stale` and `stale-if-error` that of an answer that is too old; `only-if-cached` asks nobody.",
        "schema": TEXT,
    },
)


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Json) -> Json:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Json, *, empty: bool = True) -> Json:
    return {"type": "array", "items": schema, **({} if empty else {"minItems": 1})}


def record(required: Mapping[str, Json], optional: Mapping[str, Json] | None = None) -> Json:
    """An object with these fields, and maybe others."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def body(schema: Json) -> Json:
    return {"required": True, "content": {JSON: {"schema": schema}}}


def answer(description: str, contents: Mapping[str, Json], *, receipt: bool = True) -> Json:
    headers = {name: {"description": text, "schema": TEXT} for name, text in RECEIPT.items()} if receipt else {}
    content = {kind: {"schema": schema} for kind, schema in contents.items()}
    return {"description": description, "content": content, "headers": headers}


def failures(statuses: Sequence[int], schema: Json) -> dict[str, Json]:
    """A reply for each status, in the dialect's shape."""
    content = {JSON: {"schema": schema}}
    return {str(status): {"description": _STATUSES[status], "content": content} for status in statuses}


def operation(summary: str, tag: str, replies: Mapping[str, Json], **more: Any) -> Json:
    return {"summary": summary, "tags": [tag], "responses": dict(replies), **more}
