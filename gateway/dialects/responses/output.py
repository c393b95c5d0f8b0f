"""Output: the items that an answer is made of — reasoning, a message, calls of functions — from chat's words for them.

What a model's server says is not to be trusted to have the right shape: what has not is read as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

Json = dict[str, Any]


def reasoning_item(item_id: str, text: str, status: str) -> Json:
    content = [reasoning_part(text)] if text else []
    return {"id": item_id, "type": "reasoning", "status": status, "summary": [], "content": content}


def message_item(item_id: str, content: Sequence[Json], status: str) -> Json:
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": list(content)}


def call_item(item_id: str, call_id: str, name: str, arguments: str, status: str) -> Json:
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def reasoning_part(text: str) -> Json:
    return {"type": "reasoning_text", "text": text}


def text_part(text: str, logprobs: Sequence[Json] = ()) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(logprobs)}


def refusal_part(text: str) -> Json:
    return {"type": "refusal", "refusal": text}


def items_of(choice: Mapping[str, Any], number: str, *, is_whole: bool) -> list[Json]:
    """The items of a whole answer. `number`: what the ids of the items have in common with the response's.

    Of an answer that was cut short, the last item is.
    """
    message = choice["message"]
    items: list[Json] = []
    if thoughts := thoughts_of(message):
        items.append(reasoning_item(f"rs_{number}_{len(items)}", thoughts, "completed"))
    parts: list[Json] = []
    if said := said_of(message):
        parts.append(text_part(said, logprobs_of(choice.get("logprobs"))))
    if refusal := refusal_of(message):
        parts.append(refusal_part(refusal))
    calls = calls_of(message)
    if parts or not (calls or items):  # an answer without a word is still a message
        items.append(message_item(f"msg_{number}_{len(items)}", parts or [text_part("")], "completed"))
    for call in calls:
        item_id = f"fc_{number}_{len(items)}"
        function = function_of(call)
        call_id = _text(call.get("id")) or item_id
        items.append(call_item(item_id, call_id, name_of(function), arguments_of(function), "completed"))
    if not is_whole:
        items[-1]["status"] = "incomplete"
    return items


def thoughts_of(said: Mapping[str, Any]) -> str:
    """What a message or delta holds of the model's thoughts, under either of the names that servers use."""
    for name in ("reasoning_content", "reasoning"):
        if text := _text(said.get(name)):
            return text
    return "".join(_thinking(part) for part in _objects(said.get("content")))


def said_of(said: Mapping[str, Any]) -> str:
    """The text of a message or delta; some servers give it in parts."""
    content = said.get("content")
    if isinstance(content, str):
        return content
    return "".join(_text(part.get("text")) for part in _objects(content) if part.get("type") in ("text", "output_text"))


def refusal_of(said: Mapping[str, Any]) -> str:
    return _text(said.get("refusal"))


def calls_of(said: Mapping[str, Any]) -> list[Json]:
    return _objects(said.get("tool_calls"))


def function_of(call: Mapping[str, Any]) -> Json:
    function = call.get("function")
    return function if isinstance(function, dict) else {}


def name_of(function: Mapping[str, Any]) -> str:
    return _text(function.get("name"))


def arguments_of(function: Mapping[str, Any]) -> str:
    """JSON in a text; some servers give the object itself."""
    arguments = function.get("arguments")
    if isinstance(arguments, dict | list):
        try:
            return orjson.dumps(arguments).decode()
        except orjson.JSONEncodeError:  # deeper than any function's arguments
            return ""
    return _text(arguments)


def logprobs_of(logprobs: object) -> list[Json]:
    """Of a choice's `logprobs`: those of its text. `bytes` is a list everywhere here; in chat it may be null."""
    tokens = _objects(logprobs.get("content")) if isinstance(logprobs, dict) else []
    return [_logprob(token, [_logprob(other) for other in _objects(token.get("top_logprobs"))]) for token in tokens]


def _logprob(token: Mapping[str, Any], top: list[Json] | None = None) -> Json:
    text, value, raw = _text(token.get("token")), token.get("logprob"), token.get("bytes")
    return {
        "token": text,
        "logprob": value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0,
        "bytes": raw if isinstance(raw, list) and all(isinstance(byte, int) for byte in raw) else list(text.encode()),
        **({} if top is None else {"top_logprobs": top}),
    }


def _thinking(part: Mapping[str, Any]) -> str:
    """Mistral's: a part of type `thinking` with parts of text in it."""
    if part.get("type") != "thinking":
        return ""
    inner = part.get("thinking")
    return inner if isinstance(inner, str) else "".join(_text(piece.get("text")) for piece in _objects(inner))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
