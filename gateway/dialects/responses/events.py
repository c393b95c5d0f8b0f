"""Events: a chat stream told as the events of a response, each with its `sequence_number`.

https://platform.openai.com/docs/api-reference/responses-streaming. Items come one after the other and are closed before
the next is opened. A call may go on as long as the stream does, so what comes beside it waits for its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from gateway.dialects.responses import output, response
from gateway.dialects.responses.calls import Call, Calls
from gateway.dialects.responses.output import Json

_PREFIXES = {"reasoning": "rs", "message": "msg", "function_call": "fc"}


class Events:
    """A `Translator`, but for the last event of a stream: `completed` gives that, once the response is kept.

    `opened` is the response before anything was answered, `number` what the ids of its items have in common with its
    own. `clock` gives seconds since the epoch. `final` is the response once it is answered or has failed.
    """

    def __init__(self, opened: Json, number: str, clock: Callable[[], float]) -> None:
        self._opened = opened
        self._number = number
        self._clock = clock
        self._sequence = 0
        self._begun = False
        self._finish: object = None
        self._usage: object = None
        self._kind = ""  # of the item that is open: reasoning, message or function_call
        self._part = ""  # of its part: reasoning_text, output_text or refusal
        self._text = ""  # of that part
        self._logprobs: list[Json] = []
        self._parts: list[Json] = []  # those of the item that are closed
        self._calls = Calls()
        self._call: Call | None = None  # the one that is open
        self._waiting: list[tuple[str, str, list[Json]]] = []  # parts that came after a call had begun
        self._output: list[Json] = []
        self.final: Json | None = None

    @property
    def is_answered(self) -> bool:
        return self.final is not None and self.final["status"] != "failed"

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        return orjson.dumps(self.answered(completion))

    def answered(self, completion: Mapping[str, Any]) -> Json:
        """The response for a chat completion that was not streamed."""
        choice = completion["choices"][0]
        finish = choice.get("finish_reason")
        items = output.items_of(choice, self._number, is_whole=not response.incomplete_reason(finish))
        self.final = response.closed(self._opened, items, finish, completion.get("usage"), int(self._clock()))
        return self.final

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        out = self._begin()
        if chunk.get("usage") is not None:
            self._usage = chunk["usage"]
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and not choice.get("index"):
                delta = choice.get("delta")
                out += self._delta(delta if isinstance(delta, dict) else {}, choice.get("logprobs"))
                self._finish = choice.get("finish_reason") or self._finish
        return b"".join(out)

    def end(self) -> bytes:
        out = self._begin()
        for call in self._calls.begun:
            out += self._tell_call(call)
        for kind, text, logprobs in self._waiting:
            out += self._say(kind, text, logprobs)
        reason = response.incomplete_reason(self._finish)
        if not self._output and not self._kind:  # an answer without a word is still a message
            out += self._open_part("output_text")
        out += self._close_item("incomplete" if reason else "completed")
        self.final = response.closed(self._opened, self._output, self._finish, self._usage, int(self._clock()))
        return b"".join(out)

    def completed(self) -> bytes:
        """The last event, with `final` as it is by then."""
        final = self.final or self._opened
        return self._event(f"response.{final['status']}", response=final)

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        """OpenAI documents the error's fields beside the type and sends them under `error`, on which its SDKs raise."""
        out = self._begin()
        about = {name: error.get(name) for name in ("code", "message", "param")}
        out.append(self._event("error", error={"type": error.get("type"), **about}, **about))
        self.final = response.failed(self._opened, self._output_now(), str(about["message"] or ""))
        out.append(self.completed())
        return b"".join(out)

    def _begin(self) -> list[bytes]:
        if self._begun:
            return []
        self._begun = True
        return [
            self._event("response.created", response=self._opened),
            self._event("response.in_progress", response=self._opened),
        ]

    def _delta(self, delta: Mapping[str, Any], logprobs: object) -> list[bytes]:
        out: list[bytes] = []
        for kind, text in (
            ("reasoning_text", output.thoughts_of(delta)),
            ("output_text", output.said_of(delta)),
            ("refusal", output.refusal_of(delta)),
        ):
            if text:
                tokens = output.logprobs_of(logprobs) if kind == "output_text" and logprobs else []
                if self._calls.begun:
                    self._waiting.append((kind, text, tokens))
                else:
                    out += self._say(kind, text, tokens)
        for piece in output.calls_of(delta):
            call = self._calls.add(piece)
            if call is self._calls.begun[0] and call.name:  # told as it comes; others when no more can come of it
                out += self._tell_call(call)
        return out

    def _say(self, kind: str, text: str, logprobs: Sequence[Json]) -> list[bytes]:
        out = self._open_part(kind)
        self._text += text
        more = {}
        if kind == "output_text":
            self._logprobs += logprobs
            more = {"logprobs": logprobs}
        out.append(self._told(f"response.{kind}.delta", content_index=len(self._parts), delta=text, **more))
        return out

    def _tell_call(self, call: Call) -> list[bytes]:
        out: list[bytes] = []
        if self._call is not call:
            out += self._close_item()
            self._call = call
            out += self._open_item("function_call")
        if delta := call.untold():
            out.append(self._told("response.function_call_arguments.delta", delta=delta))
        return out

    def _open_item(self, kind: str) -> list[bytes]:
        self._kind = kind
        item = self._item("in_progress")
        return [self._event("response.output_item.added", output_index=len(self._output), item=item)]

    def _open_part(self, kind: str) -> list[bytes]:
        if self._part == kind:
            return []
        wanted = "reasoning" if kind == "reasoning_text" else "message"
        out = self._close_part() if self._kind == wanted else [*self._close_item(), *self._open_item(wanted)]
        self._part = kind
        out.append(self._told("response.content_part.added", content_index=len(self._parts), part=self._part_now()))
        return out

    def _close_part(self) -> list[bytes]:
        if not self._part:
            return []
        kind, index, part = self._part, len(self._parts), self._part_now()
        said = {name: value for name, value in part.items() if name in ("text", "refusal", "logprobs")}
        out = [
            self._told(f"response.{kind}.done", content_index=index, **said),
            self._told("response.content_part.done", content_index=index, part=part),
        ]
        self._parts.append(part)
        self._part, self._text, self._logprobs = "", "", []
        return out

    def _close_item(self, status: str = "completed") -> list[bytes]:
        if not self._kind:
            return []
        out = self._close_part()
        if self._call is not None:
            done = {"name": self._call.name, "arguments": self._call.arguments}
            out.append(self._told("response.function_call_arguments.done", **done))
        item = self._item(status)
        out.append(self._event("response.output_item.done", output_index=len(self._output), item=item))
        self._output.append(item)
        self._kind, self._call, self._parts = "", None, []
        return out

    def _part_now(self) -> Json:
        if self._part == "reasoning_text":
            return output.reasoning_part(self._text)
        if self._part == "refusal":
            return output.refusal_part(self._text)
        return output.text_part(self._text, self._logprobs)

    def _output_now(self) -> list[Json]:
        """All items, the open one as far as it got."""
        if not self._kind:
            return self._output
        if self._part:
            self._parts.append(self._part_now())
        return [*self._output, self._item("incomplete")]

    @property
    def _item_id(self) -> str:
        return f"{_PREFIXES[self._kind]}_{self._number}_{len(self._output)}"

    def _item(self, status: str) -> Json:
        if self._kind == "reasoning":
            return output.reasoning_item(self._item_id, "".join(part["text"] for part in self._parts), status)
        if self._call is None:
            return output.message_item(self._item_id, self._parts, status)
        call = self._call
        arguments = "" if status == "in_progress" else call.arguments
        return output.call_item(self._item_id, call.call_id or self._item_id, call.name, arguments, status)

    def _told(self, kind: str, **fields: Any) -> bytes:
        return self._event(kind, output_index=len(self._output), item_id=self._item_id, **fields)

    def _event(self, kind: str, **fields: Any) -> bytes:
        number, self._sequence = self._sequence, self._sequence + 1
        data = orjson.dumps({"type": kind, "sequence_number": number, **fields})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)
