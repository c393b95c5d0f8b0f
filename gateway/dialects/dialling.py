"""How much of the large model a caller asks for: in a header, or behind the model's name. All dialects."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pipeline.parts import Parts
from router.dial import named

DIAL = b"x-tidegate-dial"


def dial_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The header, as it came."""
    value = headers.get(DIAL)
    return None if value is None else value.decode("latin-1")


def route_of(model: str, parts: Parts) -> str:
    """The route that a model's name stands for, without a dial behind it."""
    return named(model, parts.routes)[0]
