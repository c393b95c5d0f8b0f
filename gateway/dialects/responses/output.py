"""Output: the items that an answer is made of — reasoning, a message, calls of functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def reasoning_of(said: Mapping[str, Any]) -> str:
    """What a message or delta holds of the model's thoughts, under either of the names that servers use."""
    for name in ("reasoning_content", "reasoning"):
        if isinstance(said.get(name), str):
            return str(said[name])
    return ""


def reasoning_item(item_id: str, text: str, status: str) -> Json:
    content = [{"type": "reasoning_text", "text": text}] if text else []
    return {"id": item_id, "type": "reasoning", "status": status, "summary": [], "content": content}


def message_item(item_id: str, content: list[Json], status: str) -> Json:
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str, logprobs: list[Json]) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def refusal_part(text: str) -> Json:
    return {"type": "refusal", "refusal": text}


def call_item(item_id: str, call_id: str, name: str, arguments: str, status: str) -> Json:
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def items_of(message: Mapping[str, Any], logprobs: object, number: str, status: str) -> list[Json]:
    """The items of a whole chat message. `number`: what the ids of the items have in common with the response's."""
    items: list[Json] = []
    if thoughts := reasoning_of(message):
        items.append(reasoning_item(f"rs_{number}_{len(items)}", thoughts, status))
    parts: list[Json] = []
    if isinstance(message.get("content"), str) and message["content"]:
        parts.append(text_part(message["content"], logprobs_of(logprobs)))
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        parts.append(refusal_part(message["refusal"]))
    calls = [call for call in message.get("tool_calls") or () if isinstance(call, dict)]
    if parts or not calls:
        items.append(message_item(f"msg_{number}_{len(items)}", parts or [text_part("", [])], status))
    for call in calls:
        function = call.get("function") or {}
        item_id = f"fc_{number}_{len(items)}"
        items.append(
            call_item(
                item_id,
                str(call.get("id") or item_id),
                str(function.get("name", "")),
                str(function.get("arguments", "")),
                status,
            )
        )
    return items


def logprobs_of(logprobs: object) -> list[Json]:
    """Of a choice's `logprobs`: those of its text."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    return [token for token in tokens if isinstance(token, dict)] if isinstance(tokens, list) else []


def message_of(items: list[Json]) -> Json:
    """The chat message that the items of one answer stand for, as the next turn needs it."""
    message: Json = {"role": "assistant", "content": None}
    texts: list[str] = []
    for item in items:
        if item["type"] == "message":
            texts += [part.get("text") or part.get("refusal") or "" for part in item["content"]]
        elif item["type"] == "function_call":
            function = {"name": item["name"], "arguments": item["arguments"]}
            message.setdefault("tool_calls", []).append(
                {"id": item["call_id"], "type": "function", "function": function}
            )
    if texts:
        message["content"] = "".join(texts)
    return message
