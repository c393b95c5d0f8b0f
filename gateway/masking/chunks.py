"""The chunks of a streamed answer to a masked request, with what their placeholders stand for.

Each text of a choice (what is said, thoughts, the arguments of each call…) grows by itself, and is held back by itself
where a placeholder may have begun. What was held back and is none goes out in a chunk of its own, before anything that
a client has to see after it: another kind of text, the next call, the finish reason, the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.masking.answer import DEEPEST, FIXED, restored_value
from gateway.wire.sse import EventSplitter, data_frame, payload
from router.masking.placeholder import OPENERS
from router.masking.proof import MaskedBody
from router.masking.restorer import Restorer

Path = tuple[
    str | int, ...
]  # of a text in a choice, with the numbers of calls: delta, tool_calls, 0, function, arguments
_OPENERS = tuple(sign.encode() for sign in OPENERS)


class Chunks:
    """Feed it events of chat or completions; it returns them restored."""

    __slots__ = ("_choices", "_head", "_holds", "_masking", "_splitter")

    def __init__(self, masking: MaskedBody) -> None:
        self._masking = masking
        self._splitter = EventSplitter()
        self._choices: dict[int, dict[Path, Restorer]] = {}
        self._head: dict[str, Any] = {}  # what every chunk says
        self._holds = False

    def feed(self, data: bytes) -> bytes:
        """The events that `data` completes."""
        return b"".join([part for event in self._splitter.feed(data) for part in self._event(event)])

    def _event(self, event: bytes) -> Iterator[bytes]:
        text = payload(event)
        if text is None:  # a comment
            yield event
            return
        if not (self._holds or self._masking.escapes or any(sign in text for sign in _OPENERS)):
            yield event
            return
        try:
            chunk = orjson.loads(text)
        except orjson.JSONDecodeError:
            chunk = None  # the closing marker, or what is none of ours to judge
        if not isinstance(chunk, dict) or chunk.get("error") is not None:
            yield from self._all_held()
            yield event
            return
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            yield event
            return
        self._head = {name: None if name == "usage" else item for name, item in chunk.items() if name != "choices"}
        for choice in choices:
            if isinstance(choice, dict):
                yield from self._choice(choice)
        self._holds = any(text.held for texts in self._choices.values() for text in texts.values())
        try:
            yield data_frame(orjson.dumps(chunk))
        except orjson.JSONEncodeError:  # nested more deeply than can be written
            yield event

    def _choice(self, choice: dict[str, Any]) -> Iterator[bytes]:
        """Restores it in place. What is returned has to go out before it."""
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        texts = self._choices.setdefault(index, {})
        leaves = list(_leaves(choice, (), self._masking))
        kinds = {path[:2] for path, holder, name in leaves if holder[name]}
        new_calls = _new_calls(choice)
        ends = choice.get("finish_reason") is not None
        here = {path for path, _, _ in leaves}
        for path, text in texts.items():
            is_over = kinds and path[:2] not in kinds
            is_older = bool(new_calls) and path[:2] == ("delta", "tool_calls") and path[2] not in new_calls
            if text.held and (is_over or is_older or (ends and path not in here)):
                yield self._held(index, path, text)
        for path, holder, name in leaves:
            growing = texts.get(path)
            if growing is None:
                growing = texts[path] = Restorer(self._masking.values, escapes=self._masking.escapes)
            holder[name] = growing.feed(holder[name])
            if ends:
                holder[name] += growing.end()

    def _all_held(self) -> Iterator[bytes]:
        for index, texts in self._choices.items():
            for path, text in texts.items():
                if text.held:
                    yield self._held(index, path, text)
        self._holds = False

    def _held(self, index: int, path: Path, text: Restorer) -> bytes:
        said: Any = text.end()
        for step in reversed(path):
            said = [{"index": step, **said}] if isinstance(step, int) else {step: said}
        choice = {"index": index, **said, "logprobs": None, "finish_reason": None}
        return data_frame(orjson.dumps({**self._head, "choices": [choice]}))


def _leaves(holder: dict[str, Any], path: Path, masking: MaskedBody) -> Iterator[tuple[Path, dict[str, Any], str]]:
    """The texts that grow: each string under a name that is not fixed. Strings in lists are restored at once."""
    if len(path) > DEEPEST:
        return
    for name, item in holder.items():
        if name in FIXED:
            continue
        if isinstance(item, str):
            yield (*path, name), holder, name
        elif isinstance(item, dict):
            yield from _leaves(item, (*path, name), masking)
        elif isinstance(item, list):
            for place, part in enumerate(item):
                if isinstance(part, dict):
                    number = part.get("index")
                    yield from _leaves(part, (*path, name, number if isinstance(number, int) else place), masking)
                else:
                    item[place] = restored_value(part, masking)


def _new_calls(choice: dict[str, Any]) -> set[int]:
    """The numbers of calls that begin here."""
    delta = choice.get("delta")
    calls = delta.get("tool_calls") if isinstance(delta, dict) else None
    if not isinstance(calls, list):
        return set()
    return {call["index"] for call in calls if isinstance(call, dict) and call.get("id") and "index" in call}
