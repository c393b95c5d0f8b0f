"""The Anthropic SDK as a client of a gateway."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
from anthropic.types import Message

from tests.harness.client import TIMEOUT
from tests.harness.gateway import NO_TLS, Gateway

LOOK = {
    "name": "look",
    "description": "Looks something up.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def claude(gateway: Gateway, key: str | None = None, **more: Any) -> anthropic.Anthropic:
    """It does not retry: a test wants to see the first answer. It heeds nothing in the environment of the tests."""
    options: dict[str, Any] = {"max_retries": 0, "timeout": TIMEOUT, "api_key": key or gateway.key, **more}
    http_client = httpx2.Client(trust_env=False, verify=NO_TLS)
    return anthropic.Anthropic(base_url=gateway.root, http_client=http_client, **options)


def ask(text: str, model: str = "auto", **more: Any) -> dict[str, Any]:
    """A Messages request of one user message."""
    return {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": text}], **more}


def answer(client: anthropic.Anthropic, body: dict[str, Any], *, stream: bool) -> Message:
    """The message, whole or put together by the SDK from a stream."""
    if not stream:
        message: Message = client.messages.create(**body)
        return message
    with client.messages.stream(**body) as events:
        return events.get_final_message()


def said(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")
