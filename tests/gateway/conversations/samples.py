"""Responses to keep, and a clock that the test sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.conversations.kept import Kept
from router.clearance import ANY, Clearance

SECRET = "0123456789abcdef" * 4
PLANTED = "Marie Curie, IBAN FR14 2004 1010 0505 0001 3M02 606"  # what must be found nowhere but in the answer


def message(text: str, item_id: str = "msg_1_i0") -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"id": item_id, "type": "message", "role": "user", "status": "completed", "content": content}


def kept(
    response_id: str = "resp_1",
    *,
    owner: str = "dev",
    clearance: Clearance = ANY,
    said: str = "Hello",
    items: Sequence[dict[str, Any]] | None = None,
) -> Kept:
    output = [{**message(said, "msg_1_0"), "role": "assistant"}]
    response = {"id": response_id, "object": "response", "output": output, "metadata": {}}
    return Kept(response_id, owner, clearance, response, tuple([message("Hi")] if items is None else items))


class Clock:
    """Seconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.5

    def __call__(self) -> float:
        return self.now
