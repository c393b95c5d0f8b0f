"""Answer: which answers may be those to another question too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson


def says_something(body: bytes) -> bool:
    """Texts that came to their end, and no call of a tool."""
    try:
        completion = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    choices = completion.get("choices") if isinstance(completion, dict) else None
    return isinstance(choices, list) and bool(choices) and all(map(_is_text, choices))


def _is_text(choice: Any) -> bool:
    if not isinstance(choice, Mapping) or choice.get("finish_reason") != "stop":
        return False
    message = choice.get("message")
    if not isinstance(message, Mapping) or message.get("tool_calls") or message.get("refusal"):
        return False
    content = message.get("content")
    return isinstance(content, str) and bool(content.strip())
