"""Blocks: the content of a streamed answer, one block after the other.

In chat, deltas of thoughts, words and several tool calls may come in any order; a client of Anthropic's reads one block
to its end before the next begins. So the first block is streamed as it comes, and what belongs to others waits.

A tool's input is held until it is whole, and checked, as Anthropic does; of a tool that asks for eager streaming it is
passed on as it is written, whatever it is.
"""

from __future__ import annotations

from collections import deque

import orjson

from gateway.dialects.anthropic.fields import Json
from gateway.dialects.anthropic.reading import ENDS_OF_AN_OBJECT, CallPart, input_of, is_object


class _Block:
    """`sent` of its pieces are with the client. A tool's block has a name as soon as the model has said it."""

    __slots__ = ("call_id", "eager", "is_announced", "kind", "name", "pieces", "sent")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.call_id = ""
        self.name = ""
        self.eager = False
        self.is_announced = False
        self.pieces: list[str] = []
        self.sent = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing can come after what is there, now that another block has begun."""
        if self.kind != "tool_use":
            return True
        may_be_whole = bool(self.pieces) and self.pieces[-1].endswith(ENDS_OF_AN_OBJECT)
        return may_be_whole and bool(self.name) and is_object("".join(self.pieces))


class Blocks:
    """`eager`: the names of tools whose input is not held. Calls without an id get `made_up_id` and a number."""

    def __init__(self, eager: frozenset[str], made_up_id: str) -> None:
        self._eager = eager
        self._made_up_id = made_up_id
        self._waiting: deque[_Block] = deque()
        self._calls: list[_Block] = []
        self._by_index: dict[int, _Block] = {}
        self._closed = 0

    @property
    def has_calls(self) -> bool:
        return bool(self._calls)

    def say(self, kind: str, piece: str) -> None:
        """`kind`: text or thinking."""
        if not piece:
            return
        if not self._waiting or self._waiting[-1].kind != kind:
            self._waiting.append(_Block(kind))
        self._waiting[-1].pieces.append(piece)

    def call(self, part: CallPart, position: int) -> None:
        """A piece of a tool call; `position` is where it stands in its delta."""
        index = position if part.number is None else part.number
        block = self._by_index.get(index)
        if block is None or (part.id and block.call_id and part.id != block.call_id):
            # Some servers number every call 0, but never give two calls one id.
            block = self._by_index[index] = _Block("tool_use")
            self._calls.append(block)
            self._waiting.append(block)
        block.call_id = block.call_id or part.id
        if part.name and not block.name:
            block.name = part.name
            block.eager = part.name in self._eager
        if part.arguments:
            block.pieces.append(part.arguments)

    def events(self, *, at_end: bool = False) -> list[Json]:
        """What can be sent now. `at_end`: nothing more will come."""
        events: list[Json] = []
        while self._waiting:
            block = self._waiting[0]
            is_done = at_end or (len(self._waiting) > 1 and block.is_done)
            if block.kind != "tool_use" or block.name or is_done:
                self._announce(block, events)
                self._flow(block, events, is_done=is_done)
            if not is_done:
                break
            events.append({"type": "content_block_stop", "index": self._closed})
            self._closed += 1
            self._waiting.popleft()
        return events

    def _announce(self, block: _Block, events: list[Json]) -> None:
        if block.is_announced:
            return
        block.is_announced = True
        if block.kind == "text":
            content: Json = {"type": "text", "text": ""}
        elif block.kind == "thinking":
            content = {"type": "thinking", "thinking": "", "signature": ""}
        else:
            call_id = block.call_id or f"{self._made_up_id}_{self._calls.index(block)}"
            content = {"type": "tool_use", "id": call_id, "name": block.name, "input": {}}
        events.append({"type": "content_block_start", "index": self._closed, "content_block": content})

    def _flow(self, block: _Block, events: list[Json], *, is_done: bool) -> None:
        name, kind = "partial_json", "input_json_delta"
        if block.kind != "tool_use":
            name, kind = block.kind, f"{block.kind}_delta"
        if block.kind != "tool_use" or block.eager:
            pieces = block.pieces[block.sent :]
            block.sent = len(block.pieces)
        else:
            pieces = [input_of("".join(block.pieces)).decode()] if is_done else []
        for piece in pieces:
            delta = {"type": kind, name: piece}
            events.append({"type": "content_block_delta", "index": self._closed, "delta": delta})


def event(data: Json) -> bytes:
    """One server-sent event, named after its type."""
    name: str = data["type"]
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
