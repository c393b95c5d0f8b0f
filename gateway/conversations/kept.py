"""Kept: one answer and the conversation up to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import orjson

from router.clearance import Clearance

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """`response` is the object as its client got it; `items` are what the model was given, earlier turns first."""

    id: str
    owner: str
    """The name of the key that asked. Nobody else is told that there is such a response."""
    clearance: Clearance
    """Of the whole conversation: what was decided for this turn, and through it for all before."""
    response: Json
    items: tuple[Json, ...]

    def content(self) -> bytes:
        """What has to be sealed."""
        return orjson.dumps({"response": self.response, "items": self.items})

    @classmethod
    def of(cls, response_id: str, owner: str, clearance: str, content: bytes) -> Self:
        said = orjson.loads(content)
        return cls(response_id, owner, Clearance.parse(clearance), said["response"], tuple(said["items"]))

    @property
    def conversation(self) -> tuple[Json, ...]:
        """What the next turn follows on."""
        return (*self.items, *self.response["output"])
