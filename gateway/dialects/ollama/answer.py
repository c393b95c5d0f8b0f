"""Answers: a chat answer as Ollama says it — whole, or one JSON object a line, the last with counts and durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.accounting.usage import Usage, usage_of
from gateway.dialects.ollama.calls import Calls
from gateway.dialects.ollama.fields import Json
from gateway.pipeline.parts import Clocks
from gateway.wire.errors import UpstreamFailed

NDJSON = b"application/x-ndjson"
# Ollama says "stop" after calls of tools too.
_REASONS = {"tool_calls": "stop", "function_call": "stop"}
Part = Callable[[str, str, list[Json]], Json]  # text, thoughts and calls of tools, as the endpoint says them


def chat_part(text: str, thoughts: str, calls: list[Json]) -> Json:
    message: Json = {"role": "assistant", "content": text}
    if thoughts:
        message["thinking"] = thoughts
    if calls:
        message["tool_calls"] = calls
    return {"message": message}


def generated_part(text: str, thoughts: str, calls: list[Json]) -> Json:  # noqa: ARG001  # no tools are offered
    return {"response": text, "thinking": thoughts} if thoughts else {"response": text}


class Answer:
    """A `Translator`. `model` is the name that the client asked for; `part` says a part of the answer.

    Durations are nanoseconds. Loading a model is nothing that a gateway sees: 0. The prompt is taken to be read when
    the first token comes; an answer that is not streamed has one duration only.
    """

    __slots__ = ("_calls", "_clocks", "_finish", "_first", "_model", "_part", "_shows_thoughts", "_started", "_usage")

    def __init__(self, model: str, part: Part, clocks: Clocks, *, shows_thoughts: bool = True) -> None:
        self._model = model
        self._part = part
        self._clocks = clocks
        self._shows_thoughts = shows_thoughts
        self._started = clocks.steady()
        self._first = self._started
        self._usage: Usage | None = None
        self._calls = Calls()
        self._finish: object = None

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        """Raises `UpstreamFailed` where a tool is called with what is no object."""
        choice = _first(completion)
        message = _said(choice, "message")
        self._calls.add(message.get("tool_calls"))
        self._usage = _usage(completion)
        self._finish = choice.get("finish_reason")
        said = self._part(_text(message), self._thoughts(message), self._calls.made())
        return _written(self._last({**said, **_probabilities(choice)}))

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        self._usage = _usage(chunk) or self._usage
        choice = _first(chunk)
        delta = _said(choice, "delta")
        text, thoughts, calls = _text(delta), self._thoughts(delta), delta.get("tool_calls")
        if self._first == self._started and (text or thoughts or calls):
            self._first = self._clocks.steady()
        self._calls.add(calls)
        self._finish = choice.get("finish_reason") or self._finish
        probabilities = _probabilities(choice)
        if not text and not thoughts and not probabilities:
            return b""
        return self._line({**self._part(text, thoughts, []), **probabilities})

    def end(self) -> bytes:
        try:
            calls = self._calls.made()
            made = self._line(self._part("", "", calls)) if calls else b""
        except UpstreamFailed as error:
            return self.broken_off({"message": error.message})
        return made + _written(self._last(self._part("", "", []))) + b"\n"

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        message = error.get("message") if isinstance(error, dict) else error
        return orjson.dumps({"error": str(message)}) + b"\n"

    def nothing(self, reason: str) -> bytes:
        """The answer to a request that asks nothing of a model."""
        return _written({**self._head(), **self._part("", "", []), "done": True, "done_reason": reason})

    def _thoughts(self, said: Mapping[str, Any]) -> str:
        if not self._shows_thoughts:
            return ""
        thoughts = said.get("reasoning_content") or said.get("reasoning")
        return thoughts if isinstance(thoughts, str) else ""

    def _head(self) -> Json:
        return {"model": self._model, "created_at": timestamp(self._clocks.wall())}

    def _line(self, said: Json) -> bytes:
        return _written({**self._head(), **said, "done": False}) + b"\n"

    def _last(self, said: Json) -> Json:
        now = self._clocks.steady()
        reason = self._finish if isinstance(self._finish, str) else "stop"
        last = {**self._head(), **said, "done": True, "done_reason": _REASONS.get(reason, reason)}
        last |= {"total_duration": _nanoseconds(now - self._started), "load_duration": 0}
        usage = self._usage
        if usage is not None:
            last["prompt_eval_count"] = usage.prompt_tokens
        last["prompt_eval_duration"] = _nanoseconds(self._first - self._started)
        if usage is not None:
            last["eval_count"] = usage.completion_tokens
        last["eval_duration"] = _nanoseconds(now - self._first)
        return last


def _written(said: Json) -> bytes:
    try:
        return orjson.dumps(said)
    except orjson.JSONEncodeError:  # orjson reads deeper than it writes
        raise UpstreamFailed("The model's answer is nested too deeply.") from None


def timestamp(seconds: float) -> str:
    """RFC 3339, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


def _first(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice, which is the only one that was asked for."""
    choices = said.get("choices")
    return _object(choices[0]) if isinstance(choices, list) and choices else {}


def _said(choice: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A message or a delta; a completion has its text alone."""
    return _object(choice[name]) if name in choice else {"content": choice.get("text")}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(said: Mapping[str, Any]) -> str:
    """What is said; a refusal is said too."""
    return "".join(text for name in ("content", "refusal") if isinstance(text := said.get(name), str))


def _usage(said: Mapping[str, Any]) -> Usage | None:
    usage = said.get("usage")
    return usage_of(usage) if isinstance(usage, dict) else None


def _probabilities(choice: Mapping[str, Any]) -> Json:
    tokens = _object(choice.get("logprobs")).get("content")
    if not isinstance(tokens, list) or not tokens:
        return {}
    return {"logprobs": [_token(token) | {"top_logprobs": [*map(_token, _others(token))]} for token in tokens]}


def _token(token: Any) -> Json:
    said = _object(token)
    return {"token": said.get("token"), "logprob": said.get("logprob"), "bytes": said.get("bytes")}


def _others(token: Any) -> list[Any]:
    others = _object(token).get("top_logprobs")
    return others if isinstance(others, list) else []
