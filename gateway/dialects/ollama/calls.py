"""Calls of tools: put together from the pieces in which they are streamed, their arguments as objects."""

from __future__ import annotations

from typing import Any

import orjson

from gateway.dialects.ollama.fields import Json
from gateway.wire.errors import UpstreamFailed


class Calls:
    """The calls of one answer, by their index."""

    __slots__ = ("_calls",)

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}

    def add(self, pieces: Any) -> None:
        """`tool_calls` of a delta, or of a whole message, whose calls have no index and count in order."""
        for place, piece in enumerate(pieces if isinstance(pieces, list) else ()):
            if not isinstance(piece, dict):
                continue
            index = piece.get("index")
            call = self._calls.setdefault(
                index if isinstance(index, int) else place, {"id": "", "name": "", "arguments": ""}
            )
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            call["id"] = call["id"] or _text(piece.get("id"))
            call["name"] = call["name"] or _text(function.get("name"))
            call["arguments"] += _text(function.get("arguments"))

    def made(self) -> list[Json]:
        """Raises `UpstreamFailed` where arguments are no object: a client would call the tool with something else."""
        return [_call(place, call) for place, (_, call) in enumerate(sorted(self._calls.items()))]


def _call(place: int, call: dict[str, str]) -> Json:
    try:
        arguments = orjson.loads(call["arguments"] or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise UpstreamFailed("The model called a tool with arguments that are no JSON object.")
    function = {"index": place, "name": call["name"], "arguments": arguments}
    return {"id": call["id"], "function": function} if call["id"] else {"function": function}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
