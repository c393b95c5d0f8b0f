"""Events: a chat stream told as the events of a response, each with its `sequence_number`.

https://platform.openai.com/docs/api-reference/responses-streaming. Items come one after the other and are closed before
the next is opened; calls whose arguments a server sends interleaved wait for their turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.dialects.responses import output, response
from gateway.dialects.responses.output import Json


class _Call:
    """A function call as it comes in."""

    __slots__ = ("arguments", "call_id", "closed", "name", "told")

    def __init__(self) -> None:
        self.call_id = ""
        self.name = ""
        self.arguments = ""
        self.told = 0  # characters of the arguments that the client has been told
        self.closed = False


class Events:
    """A `Translator`. `output` are the items so far; `final` is the response at its end."""

    def __init__(self, opened: Json, number: str) -> None:
        self._opened = opened
        self._number = number
        self._sequence = 0
        self._begun = False
        self._finish: object = None
        self._usage: Mapping[str, Any] | None = None
        self._kind = ""  # of the item that is open: reasoning, message or function_call
        self._text = ""  # of that item, or of its part
        self._part = ""  # of a message: output_text or refusal
        self._parts: list[Json] = []
        self._logprobs: list[Json] = []
        self._calls: dict[int, _Call] = {}
        self._call = -1  # which of them is open
        self.output: list[Json] = []
        self.final: Json | None = None

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        choice = completion["choices"][0]
        status = "incomplete" if response.incomplete_reason(choice.get("finish_reason")) else "completed"
        self.output = output.items_of(choice["message"], choice.get("logprobs"), self._number, status)
        self.final = response.closed(self._opened, self.output, choice.get("finish_reason"), completion.get("usage"))
        return orjson.dumps(self.final)

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        out = self._begin()
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        for choice in chunk.get("choices") or ():
            if choice.get("index", 0) == 0:
                out += self._delta(choice.get("delta") or {}, output.logprobs_of(choice.get("logprobs")))
                self._finish = choice.get("finish_reason") or self._finish
        return b"".join(out)

    def end(self) -> bytes:
        """All but the last event: `completed` says it once the response is kept."""
        out = self._begin() + self._close_item()
        for place in sorted(self._calls):
            out += self._open_call(place)
        out += self._close_item()
        if not self.output:  # an answer without a word is still a message
            out += self._open("message") + self._open_part("output_text") + self._close_item()
        self.final = response.closed(self._opened, self.output, self._finish, self._usage)
        return b"".join(out)

    def completed(self) -> bytes:
        final = self.final or self._opened
        return self._event(f"response.{final['status']}", response=final)

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        out = self._begin()
        said = {name: error.get(name) for name in ("code", "message", "param")}
        out.append(self._event("error", **said))
        self.final = response.failed(self._opened, self.output, error)
        out.append(self._event("response.failed", response=self.final))
        return b"".join(out)

    def _begin(self) -> list[bytes]:
        if self._begun:
            return []
        self._begun = True
        return [
            self._event("response.created", response=self._opened),
            self._event("response.in_progress", response=self._opened),
        ]

    def _delta(self, delta: Mapping[str, Any], logprobs: list[Json]) -> list[bytes]:
        out: list[bytes] = []
        if thoughts := output.reasoning_of(delta):
            out += self._open("reasoning")
            self._text += thoughts
            out.append(self._told("response.reasoning_text.delta", content_index=0, delta=thoughts))
        if isinstance(delta.get("content"), str) and delta["content"]:
            out += self._open("message") + self._open_part("output_text")
            self._text += delta["content"]
            self._logprobs += logprobs
            out.append(
                self._told(
                    "response.output_text.delta",
                    content_index=len(self._parts),
                    delta=delta["content"],
                    logprobs=logprobs,
                )
            )
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            out += self._open("message") + self._open_part("refusal")
            self._text += delta["refusal"]
            out.append(self._told("response.refusal.delta", content_index=len(self._parts), delta=delta["refusal"]))
        for call in delta.get("tool_calls") or ():
            if isinstance(call, dict):
                out += self._called(call)
        return out

    def _called(self, delta: Mapping[str, Any]) -> list[bytes]:
        place = delta.get("index") if isinstance(delta.get("index"), int) else len(self._calls)
        call = self._calls.setdefault(int(place or 0), _Call())
        function = delta.get("function") or {}
        call.call_id = call.call_id or str(delta.get("id") or "")
        call.name = call.name or str(function.get("name") or "")
        call.arguments += str(function.get("arguments") or "")
        # The first call is told as it comes; further ones once it is their turn.
        return self._open_call(int(place or 0)) if self._kind != "function_call" or self._call == place else []

    def _open_call(self, place: int) -> list[bytes]:
        out: list[bytes] = []
        call = self._calls[place]
        if call.closed:
            return out
        out += self._open("function_call", place)
        if len(call.arguments) > call.told:
            delta, call.told = call.arguments[call.told :], len(call.arguments)
            out.append(self._told("response.function_call_arguments.delta", delta=delta))
        return out

    def _open(self, kind: str, place: int = -1) -> list[bytes]:
        if self._kind == kind and self._call == place:
            return []
        out = self._close_item()
        self._kind, self._call, self._text = kind, place, ""
        out.append(
            self._event("response.output_item.added", output_index=len(self.output), item=self._item("in_progress"))
        )
        return out

    def _open_part(self, kind: str) -> list[bytes]:
        if self._part == kind:
            return []
        out = self._close_part()
        self._part, self._text = kind, ""
        part = output.text_part("", []) if kind == "output_text" else output.refusal_part("")
        out.append(self._told("response.content_part.added", content_index=len(self._parts), part=part))
        return out

    def _close_part(self) -> list[bytes]:
        if not self._part:
            return []
        index = len(self._parts)
        if self._part == "output_text":
            part = output.text_part(self._text, self._logprobs)
            done = self._told(
                "response.output_text.done", content_index=index, text=self._text, logprobs=self._logprobs
            )
        else:
            part = output.refusal_part(self._text)
            done = self._told("response.refusal.done", content_index=index, refusal=self._text)
        out = [done, self._told("response.content_part.done", content_index=index, part=part)]
        self._parts.append(part)
        self._part, self._text, self._logprobs = "", "", []
        return out

    def _close_item(self) -> list[bytes]:
        if not self._kind:
            return []
        out = self._close_part()
        if self._kind == "reasoning":
            out.append(self._told("response.reasoning_text.done", content_index=0, text=self._text))
        elif self._kind == "function_call":
            call = self._calls[self._call]
            done = {"name": call.name, "arguments": call.arguments}
            out.append(self._told("response.function_call_arguments.done", **done))
            call.closed = True
        item = self._item("completed")
        out.append(self._event("response.output_item.done", output_index=len(self.output), item=item))
        self.output.append(item)
        self._kind, self._call, self._parts = "", -1, []
        return out

    @property
    def _item_id(self) -> str:
        prefix = {"reasoning": "rs", "message": "msg", "function_call": "fc"}[self._kind]
        return f"{prefix}_{self._number}_{len(self.output)}"

    def _item(self, status: str) -> Json:
        if self._kind == "reasoning":
            return output.reasoning_item(self._item_id, self._text, status)
        if self._kind == "message":
            return output.message_item(self._item_id, self._parts, status)
        call = self._calls[self._call]
        arguments = call.arguments if status == "completed" else ""
        return output.call_item(self._item_id, call.call_id or self._item_id, call.name, arguments, status)

    def _told(self, kind: str, **fields: Any) -> bytes:
        return self._event(kind, output_index=len(self.output), item_id=self._item_id, **fields)

    def _event(self, kind: str, **fields: Any) -> bytes:
        number, self._sequence = self._sequence, self._sequence + 1
        data = orjson.dumps({"type": kind, "sequence_number": number, **fields})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)
