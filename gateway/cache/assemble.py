"""Assemble: a finished stream of a chat or a completion becomes the answer that it would have been unstreamed.

A stream that is cut, holds an error or says something that cannot be put together with certainty gives `None`: better
no entry in the cache than a wrong one. The shapes are OpenAI's (https://platform.openai.com/docs/api-reference/chat-streaming);
what other servers add is merged by kind: text grows, everything else is as it was said last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

_ALL = None  # in a rule: every name


class _NotUnderstood(Exception):
    """The stream says something that cannot be merged without guessing."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which strings and which lists grow from chunk to chunk, and which names may not change once said."""

    texts: frozenset[str] | None = frozenset()
    lists: frozenset[str] | None = frozenset()
    fixed: frozenset[str] = frozenset()
    inner: Self | None = None
    """For objects inside; left out: the same rule."""


_PART = _Rule(
    texts=frozenset({"arguments", "input", "data", "transcript"}),  # of functions, custom tools, audio
    fixed=frozenset({"id", "type", "name"}),
)
_DELTA = _Rule(texts=_ALL, lists=frozenset({"annotations"}), fixed=frozenset({"role"}), inner=_PART)
_LOGPROBS = _Rule(lists=_ALL)
_LAST = _Rule()

_HEAD = ("id", "created", "model")  # said anew in every chunk: the first that says something counts
_STREAM_ONLY = frozenset({"object", "choices", "obfuscation", "error", *_HEAD})
_CHAT, _TEXT = "chat.completion", "text_completion"
_CHUNK_OBJECTS = (None, "", "chat.completion.chunk", _TEXT)


def assemble(events: Sequence[bytes]) -> bytes | None:
    """One completion in JSON from the payloads of a stream, `[DONE]` left out; `None` if it is not whole."""
    stream = _Stream()
    try:
        for event in events:
            stream.add(orjson.loads(event))
        return orjson.dumps(stream.completion())
    except (orjson.JSONDecodeError, _NotUnderstood):
        return None


@dataclass(slots=True)
class _Choice:
    """One choice so far. Text is kept in pieces and put together at the end."""

    message: dict[str, Any] = field(default_factory=dict)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    logprobs: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)  # of a completion

    def add(self, choice: Mapping[str, Any]) -> None:
        for name, value in choice.items():
            if name == "delta":
                if value is not None:
                    self._add_delta(_object(value))
            elif name == "message":
                raise _NotUnderstood
            elif name == "text" and isinstance(value, str):
                self.text.append(value)
            elif value is None:
                self.said.setdefault(name, None)
            elif name == "logprobs":
                self.said[name] = self.logprobs
                _merge(self.logprobs, _object(value), _LOGPROBS)
            elif name != "index":
                _merge(self.said, {name: value}, _LAST)

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        calls = delta.get("tool_calls")
        if calls is None:
            _merge(self.message, delta, _DELTA)
            return
        _merge(self.message, {name: value for name, value in delta.items() if name != "tool_calls"}, _DELTA)
        for piece in _list(calls):
            position = _object(piece).get("index")
            if not isinstance(position, int):
                raise _NotUnderstood
            rest = {name: value for name, value in piece.items() if name != "index"}
            _merge(self.calls.setdefault(position, {}), rest, _PART)

    def completed(self, index: int) -> dict[str, Any]:
        finish = self.said.get("finish_reason")
        if not isinstance(finish, str) or finish in ("", "error"):
            raise _NotUnderstood
        if self.text:
            if self.message or self.calls:
                raise _NotUnderstood
            return {"index": index, "text": "".join(self.text), "logprobs": None} | self.said
        message = {"role": "", "content": None} | _joined(self.message)
        message["role"] = message["role"] or "assistant"
        if not isinstance(message["content"], str | list | None):
            raise _NotUnderstood
        if self.calls:
            message["tool_calls"] = [_joined(call) for _, call in sorted(self.calls.items())]
        return {"index": index, "message": message} | self.said


class _Stream:
    """A whole chat stream so far."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}
        self._head: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def add(self, chunk: Any) -> None:
        if _object(chunk).get("error") is not None or chunk.get("object") not in _CHUNK_OBJECTS:
            raise _NotUnderstood
        for choice in _list(chunk.get("choices")):
            index = _object(choice).get("index", 0)
            if not isinstance(index, int):
                raise _NotUnderstood
            self._choices.setdefault(index, _Choice()).add(choice)
        for name, value in chunk.items():
            if name in _STREAM_ONLY:
                if name in _HEAD and not self._head.get(name):
                    self._head[name] = value
            elif value is None:
                self._said.setdefault(name, None)
            elif self._said.get(name) != value:
                _merge(self._said, {name: value}, _LAST)

    def completion(self) -> dict[str, Any]:
        indices = sorted(self._choices)
        if not indices or indices != list(range(len(indices))):
            raise _NotUnderstood
        if self._said.get("usage", 0) is None:
            del self._said["usage"]
        choices = [self._choices[index].completed(index) for index in indices]
        kinds = {_TEXT if "text" in choice else _CHAT for choice in choices}
        if len(kinds) > 1:
            raise _NotUnderstood
        return {
            "id": self._head.get("id", ""),
            "object": kinds.pop(),
            "created": self._head.get("created", 0),
            "model": self._head.get("model", ""),
            "choices": choices,
        } | self._said


class _Text(list[str]):
    """A string that is still growing."""


def _merge(target: dict[str, Any], piece: Mapping[str, Any], rule: _Rule) -> None:
    """Add what one chunk says. `null` says nothing, but that the field is there."""
    for name, value in piece.items():
        old = target.get(name)
        if type(old) is _Text and type(value) is str:
            old.append(value)
        elif value is None:
            target.setdefault(name, None)
        elif old is None:
            target[name] = _begun(name, value, rule)
        else:
            target[name] = _grown(name, old, value, rule)


def _begun(name: str, value: Any, rule: _Rule) -> Any:
    if isinstance(value, str) and (rule.texts is _ALL or name in rule.texts) and name not in rule.fixed:
        return _Text([value])
    if isinstance(value, dict):
        begun: dict[str, Any] = {}
        _merge(begun, value, rule.inner or rule)
        return begun
    return value


def _grown(name: str, old: Any, value: Any, rule: _Rule) -> Any:
    if isinstance(old, dict) and isinstance(value, dict):
        _merge(old, value, rule.inner or rule)
        return old
    if name in rule.fixed:
        if old and value and old != value:
            raise _NotUnderstood  # two calls under one index, for one
        return old or value
    if isinstance(old, list) or isinstance(value, list):
        if type(old) is list and type(value) is list and (rule.lists is _ALL or name in rule.lists):
            return old + value
        raise _NotUnderstood  # fragments, or the whole again? Text and parts mixed? Nobody can tell.
    return value


def _joined(value: dict[str, Any]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for name, part in value.items():
        if type(part) is _Text:
            joined[name] = "".join(part)
        elif isinstance(part, dict):
            joined[name] = _joined(part)
        else:
            joined[name] = part
    return joined


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _NotUnderstood
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _NotUnderstood
    return value
