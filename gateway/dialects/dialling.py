"""What a caller says in headers of how it wants to be answered: how much of the large model it asks for (or behind the
model's name), and which conversation it is. All dialects."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pipeline.parts import Parts
from router.dial import named

DIAL = b"x-tidegate-dial"
SESSION = b"x-tidegate-session"


def dial_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The header, as it came."""
    value = headers.get(DIAL)
    return None if value is None else value.decode("latin-1")


def session_of(headers: Mapping[bytes, bytes]) -> str | None:
    """What the caller calls its conversation, so that it stays where it is."""
    value = headers.get(SESSION)
    return None if value is None else value.decode("latin-1")


def route_of(model: str, parts: Parts) -> str:
    """The route that a model's name stands for, without a dial behind it."""
    return named(model, parts.routes)[0]
