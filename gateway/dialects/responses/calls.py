"""Calls: the function calls of a stream, put together from the pieces that a server sends of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.dialects.responses import output


class Call:
    """One call as it comes in; `told` is how many characters of its arguments the client has been told."""

    __slots__ = ("arguments", "call_id", "name", "told")

    def __init__(self, call_id: str, name: str) -> None:
        self.call_id = call_id
        self.name = name
        self.arguments = ""
        self.told = 0

    def untold(self) -> str:
        delta, self.told = self.arguments[self.told :], len(self.arguments)
        return delta


class Calls:
    """In the order in which they began."""

    __slots__ = ("_by_index", "begun")

    def __init__(self) -> None:
        self.begun: list[Call] = []
        self._by_index: dict[int, Call] = {}

    def add(self, delta: Mapping[str, Any]) -> Call:
        """The call that a piece belongs to. Servers that give no index, or one for all, name each call at least."""
        function = output.function_of(delta)
        call_id, name = delta.get("id"), output.name_of(function)
        call_id = call_id if isinstance(call_id, str) else ""
        index = delta.get("index")
        if isinstance(index, int):
            call = self._by_index.get(index)
        else:
            call = None if call_id or name else next(reversed(self.begun), None)
        if call is None or (call_id and call.call_id and call_id != call.call_id):
            call = Call(call_id, name)
            self.begun.append(call)
            if isinstance(index, int):
                self._by_index[index] = call
        call.call_id = call.call_id or call_id
        call.name = call.name or name
        call.arguments += output.arguments_of(function)
        return call
