"""The form of a stream's events: what stands around their texts, the same in each.

Servers write all events of an answer alike but for a few characters of text. Once one event has been looked at, others
of its form are known by comparison: whatever stands around their texts said nothing of concern then, and inside a JSON
string nothing can.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final

import orjson

from gateway.wire.sse import CR, LF

# Keys of the texts that come in pieces. Inside a JSON string every quote is escaped, so what is found is a key.
_KEYS: Final[tuple[bytes, ...]] = (
    b'"content":"',
    b'"text":"',
    b'"reasoning_content":"',
    b'"reasoning":"',
    b'"arguments":"',
)
_TEXT: Final = re.compile(rb'[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*')  # the inside of a JSON string, on one line
_QUOTE: Final = 0x22
_BACKSLASH: Final = 0x5C


class EventForm:
    """`head` and `tail`: what stands before the text of an event and behind, with its end; `shown`: as clients get
    them."""

    __slots__ = ("_between", "_is_shown", "_shown_between", "_shown_head", "_shown_tail", "_tail", "head")

    def __init__(self, head: bytes, tail: bytes, shown: tuple[bytes, bytes]) -> None:
        self.head = head
        self._tail = tail
        self._between = tail + head  # from one text to the next
        self._shown_head, self._shown_tail = shown
        self._is_shown = shown == (head, tail)  # as it comes
        self._shown_between = self._shown_tail + self._shown_head

    def taken(self, data: bytes, at: int = 0) -> tuple[bytes, int]:
        """The events of this form that `data` has from `at` on, as the client gets them, and where they end."""
        head, tail = self.head, self._tail
        start = at + len(head)
        if data.find(b"\n", at) == len(data) - 2:  # one event, as they come from a model no faster than its reader
            end = len(data) - len(tail)
            if end < start or not (data.startswith(head, at) and data.endswith(tail)):
                return b"", at
            text = data[start:end]
            if not _is_text(text):
                return b"", at
            return (data[at:] if self._is_shown else self._shown_head + text + self._shown_tail), len(data)
        # Lines are read ten times as fast as `split` finds them. Every other one ends an event.
        events = BytesIO(data[at:] if at else data).readlines()[::2]
        last = tail[:-1]
        while events and not (events[-1].startswith(head) and events[-1].endswith(last)):
            events.pop()
        size, behind = len(head), -len(last)
        texts = [event[size:behind] for event in events]
        came = self._between.join(texts)
        end = start + len(came)
        if not (texts and events[0].startswith(head) and data.startswith(came, start) and data.startswith(tail, end)):
            return b"", at
        if not _are_texts(texts):
            return b"", at
        end += len(tail)
        if self._is_shown:
            return data[at:end], end
        texts[0] = self._shown_head + texts[0]
        texts[-1] += self._shown_tail
        return self._shown_between.join(texts), end

    @classmethod
    def of(cls, event: bytes, shown: bytes) -> EventForm | None:
        """Of an event on one line that says nothing of concern, and as the client gets it. None where it has no text,
        or several."""
        came = _around(event)
        if came is None or not _is_object(event[6:]):
            return None
        head, text, tail = came
        if shown == event:
            return cls(head, tail, (head, tail))
        given = (head, text, shown[len(head) + len(text) :]) if shown.startswith(head + text) else _around(shown)
        if given is None or given[1] != text:
            return None
        return cls(head, tail, (given[0], given[2]))


def _around(event: bytes) -> tuple[bytes, bytes, bytes] | None:
    """What stands before the text, the text, what stands behind."""
    if not event.startswith(b"data: {") or not event.endswith(b"}\n\n"):
        return None
    start = -1
    for key in _KEYS:
        found = event.find(key)
        if found >= 0:
            if start >= 0 or event.find(key, found + 1) >= 0:
                return None
            start = found + len(key)
    if start < 0:
        return None
    end = event.find(b'"', start)
    if end < 0 or not _is_plain(event[start:end]):
        text = _TEXT.match(event, start)
        end = start if text is None else text.end()
    return (event[:start], event[start:end], event[end:]) if event.startswith(b'"', end) else None


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _are_texts(texts: list[bytes]) -> bool:
    joined = b"".join(texts)
    return all(map(_TEXT.fullmatch, texts)) if _BACKSLASH in joined else _is_text(joined)


def _is_text(text: bytes) -> bool:
    """Whether it is the inside of a JSON string: nothing in it ends it, or the line."""
    if _BACKSLASH in text:
        return _TEXT.fullmatch(text) is not None
    return _QUOTE not in text and _is_plain(text)


def _is_plain(text: bytes) -> bool:
    """Whether there is no escape in it, and no line's end."""
    return _BACKSLASH not in text and LF not in text and CR not in text
