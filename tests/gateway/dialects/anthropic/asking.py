"""Questions and answers of tests: what a client asked, and what it can read out of the events that it gets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.dialects.anthropic.request import Question, question_of
from gateway.wire.http import Request

Json = dict[str, Any]
THINKING = {"thinking": {"type": "adaptive"}}


def question(*, eager: Iterable[str] = (), **more: Any) -> Question:
    """`eager`: tools that there are, whose input is streamed as it is written."""
    tools = [{"name": name, "input_schema": {}, "eager_input_streaming": True} for name in eager]
    body = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi!!"}], "tools": tools, **more}
    return question_of(Request("POST", "/v1/messages", {}, json.dumps(body).encode(), "req_0123"))


def events_of(data: bytes) -> list[Json]:
    """The events, each checked to be named after its type. Comments are none."""
    events = []
    for piece in data.decode().split("\n\n")[:-1]:
        if piece.startswith(":"):
            continue
        name, said = piece.split("\n")
        event = json.loads(said.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        events.append(event)
    return events


@dataclass
class Heard:
    """A message as a client puts it together, checked to come in the order that is promised."""

    start: Json = field(default_factory=dict)
    content: list[Json] = field(default_factory=list)
    end: Json = field(default_factory=dict)
    is_over: bool = False
    error: Json = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    open: int | None = None

    @classmethod
    def of(cls, data: bytes) -> Heard:
        heard = cls()
        for event in events_of(data):
            assert not heard.is_over, "nothing comes after the end"
            assert not heard.error, "nothing comes after an error"
            if event["type"] == "error":
                heard.error = event["error"]
            else:
                getattr(heard, event["type"])(event)
        return heard

    def ping(self, event: Json) -> None:
        assert event == {"type": "ping"}
        assert self.start, "the message starts first"

    def message_start(self, event: Json) -> None:
        assert not self.start
        self.start = event["message"]

    def content_block_start(self, event: Json) -> None:
        assert self.start
        assert self.open is None, "one block at a time"
        assert event["index"] == len(self.content)
        self.open = event["index"]
        self.content.append(event["content_block"])
        self.pieces = []

    def content_block_delta(self, event: Json) -> None:
        assert event["index"] == self.open
        delta, block = event["delta"], self.content[-1]
        if delta["type"] == "input_json_delta":
            self.pieces.append(delta["partial_json"])
        else:
            name = delta["type"].removesuffix("_delta")
            assert block["type"] == name
            block[name] += delta[name]

    def content_block_stop(self, event: Json) -> None:
        assert event["index"] == self.open
        self.open = None
        if self.pieces:
            self.content[-1]["input"] = json.loads("".join(self.pieces))

    def message_delta(self, event: Json) -> None:
        assert self.open is None
        self.end = {**event["delta"], "usage": event["usage"]}

    def message_stop(self, event: Json) -> None:
        assert self.end
        self.is_over = True

    def text(self, kind: str = "text") -> str:
        return "".join(block[kind] for block in self.content if block["type"] == kind)

    @property
    def calls(self) -> list[Json]:
        return [block for block in self.content if block["type"] == "tool_use"]
