"""Question: the last thing that a user said, apart from all the rest of a request.

Only the question may be put in other words. The rest, from the system prompt to the temperature, has to be the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.cache.key import DELIVERY


class Question(NamedTuple):
    """`rest` is the body with the question left out, and how the answer is to be delivered."""

    text: str
    rest: dict[str, Any]


def question_of(body: Mapping[str, Any], longest: int) -> Question | None:
    """None where the request does not end with a user's plain text of at most so many characters."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return None
    last = messages[-1]
    if not isinstance(last, dict) or last.get("role") != "user":
        return None
    text = _plain(last.get("content"))
    if text is None or not text.strip() or len(text) > longest:
        return None
    rest = {name: value for name, value in body.items() if name not in DELIVERY}
    return Question(text, {**rest, "messages": [*messages[:-1], {**last, "content": None}]})


def _plain(content: Any) -> str | None:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        part = content[0]
        if part.keys() == {"type", "text"} and part["type"] == "text" and isinstance(part["text"], str):
            return part["text"]
    return None
