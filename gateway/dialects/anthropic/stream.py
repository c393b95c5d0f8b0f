"""Stream: a chat stream in Anthropic's events.

https://platform.claude.com/docs/en/build-with-claude/streaming
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.dialects.anthropic.answer import made_up_id, message, stop_of, usage_fields, whole
from gateway.dialects.anthropic.blocks import Blocks, event
from gateway.dialects.anthropic.errors import error_event
from gateway.dialects.anthropic.fields import Json
from gateway.dialects.anthropic.reading import calls_in, first_choice, part_of, refusal_in, thoughts_in, words_in
from gateway.dialects.anthropic.request import Question

PING = b'event: ping\ndata: {"type": "ping"}\n\n'

_NOT_STOPPED: Json = {"stop_reason": None, "stop_sequence": None}
_UNKNOWN_USAGE: Json = {"input_tokens": 0, "output_tokens": 0}  # counted at the end, and told then
_SILENT_CHUNKS = 32  # that may come from upstream without a sign to the client


class MessagesAnswer:
    """A `Translator` for one answer."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._blocks = Blocks(question.eager, made_up_id(question))
        self._has_begun = False
        self._refused = False
        self._ending: Mapping[str, Any] = {}  # the choice that said why it ended
        self._usage: object = None
        self._characters = 0
        self._silent = 0

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        return whole(completion, self._question)

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        out = b"" if self._has_begun else self._beginning()
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        choice = first_choice(chunk)
        if choice.get("finish_reason") is not None:
            self._ending = choice
        self._take(part_of(choice, "delta"))
        out += b"".join(map(event, self._blocks.events()))
        if out:
            self._silent = 0
            return out
        self._silent += 1
        return b"" if self._silent % _SILENT_CHUNKS else PING

    def end(self) -> bytes:
        out = b"" if self._has_begun else self._beginning()
        out += b"".join(map(event, self._blocks.events(at_end=True)))
        stop = stop_of(self._ending, self._question, called=self._blocks.has_calls, refused=self._refused)
        usage = usage_fields(self._usage, self._question, self._characters)
        return out + event({"type": "message_delta", "delta": stop, "usage": usage}) + event({"type": "message_stop"})

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        return error_event(error, self._question.call.request_id)

    def _beginning(self) -> bytes:
        self._has_begun = True
        start = message(self._question, [], _NOT_STOPPED, _UNKNOWN_USAGE)
        return event({"type": "message_start", "message": start}) + PING

    def _take(self, delta: Mapping[str, Any]) -> None:
        thoughts, words, refusal = thoughts_in(delta), words_in(delta), refusal_in(delta)
        if self._question.shows_thoughts:
            self._blocks.say("thinking", thoughts)
        self._blocks.say("text", words)
        self._blocks.say("text", refusal)
        self._refused = self._refused or bool(refusal)
        self._characters += len(thoughts) + len(words) + len(refusal)
        for position, part in enumerate(calls_in(delta)):
            self._blocks.call(part, position)
            self._characters += len(part.arguments)
