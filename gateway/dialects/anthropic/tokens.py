"""Tokens: how many a request has, guessed without asking anybody.

Every deployment of a route has a tokenizer of its own, and which one will answer is not known before it does. So this
is an estimate, meant to be used as clients use it: to see in time that a conversation grows too long.
"""

from __future__ import annotations

from gateway.dialects.anthropic.fields import Json
from gateway.wire.json import serialise

BYTES_PER_TOKEN = 4  # of UTF-8: for languages in Latin or Cyrillic letters, and for code, right to about a fifth
IMAGE_TOKENS = 1600  # the most that Anthropic counts for one, at its largest size


def estimated_tokens(chat: Json) -> int:
    """Of the chat body as it would be sent: messages, tools, and the names of fields for what templates add."""
    contents = [message["content"] for message in chat["messages"] if isinstance(message["content"], list)]
    images = [part["image_url"]["url"] for parts in contents for part in parts if part["type"] == "image_url"]
    told = {name: chat[name] for name in ("messages", "tools") if name in chat}
    size = len(serialise(told)) - sum(len(serialise(image)) for image in images)
    return -(-size // BYTES_PER_TOKEN) + IMAGE_TOKENS * len(images)
