"""The form of a stream's events: what stands around their texts, the same in each.

Servers write all events of an answer alike but for a few characters of text. Once one event has been looked at, others
of its form are known by comparison: whatever stands around their texts said nothing of concern then, and inside a JSON
string nothing can.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

# Keys of the texts that come in pieces. Inside a JSON string every quote is escaped, so what is found is a key.
_KEY = re.compile(rb'"(?:content|reasoning_content|reasoning|arguments|text)":"')
_END = b"\n\n"  # of an event
_TEXT = re.compile(rb'[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*')  # the inside of a JSON string, on one line


class EventForm(NamedTuple):
    """`head` and `tail`: what stands before an event's text and behind, up to the line feeds; `shown_…`: as the client
    gets it."""

    head: bytes
    tail: bytes
    shown_head: bytes
    shown_tail: bytes
    is_shown: bool  # as it comes

    def taken(self, data: bytes) -> tuple[bytes, int]:
        """The events of this form at the start of `data`, as the client gets them, and how many bytes they were."""
        head, tail, size = self.head, self.tail, len(data)
        if data.find(b"\n") == size - 2:  # one event, as they come from a model that is no faster than its reader
            end = size - len(tail) - 2
            text = data[len(head) : end]
            if end < len(head) or not (data.startswith(head) and data.startswith(tail, end) and _is_text(text)):
                return b"", 0
            return (data if self.is_shown else b"%b%b%b\n\n" % (self.shown_head, text, self.shown_tail)), size
        lines = data.split(b"\n")  # every other one ends an event; one byte is looked for ten times as fast as two
        events = lines[:-1:2]
        while events and not (events[-1].startswith(head) and events[-1].endswith(tail)):
            events.pop()
        if not events:
            return b"", 0
        start, end = len(head), -len(tail)
        texts = [event[start:end] for event in events]
        came = head + (tail + _END + head).join(texts) + tail + _END
        if not data.startswith(came) or not _are_texts(texts):
            return b"", 0
        if self.is_shown:
            return came, len(came)
        shown_head, shown_tail = self.shown_head, self.shown_tail
        return shown_head + (shown_tail + _END + shown_head).join(texts) + shown_tail + _END, len(came)

    @classmethod
    def of(cls, event: bytes, shown: bytes) -> EventForm | None:
        """Of an event on one line that says nothing of concern, and as the client gets it. None where it has no text,
        or several."""
        came = _around(event)
        if came is None or not _is_object(event[6:]):
            return None
        head, text, tail = came
        if shown is event or shown == event:
            return cls(head, tail, head, tail, is_shown=True)
        given = _around(shown)
        if given is None or given[1] != text:
            return None
        return cls(head, tail, given[0], given[2], is_shown=False)


def _around(event: bytes) -> tuple[bytes, bytes, bytes] | None:
    """What stands before the text, the text, what stands behind."""
    key = _KEY.search(event)
    if key is None or not event.startswith(b"data: {") or not event.endswith(b"}\n\n"):
        return None
    start = key.end()
    if _KEY.search(event, start):
        return None
    text = _TEXT.match(event, start)
    end = start if text is None else text.end()
    return (event[:start], event[start:end], event[end:-2]) if event.startswith(b'"', end) else None


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _are_texts(texts: list[bytes]) -> bool:
    joined = b"".join(texts)
    return all(map(_TEXT.fullmatch, texts)) if b"\\" in joined else _is_text(joined)


def _is_text(text: bytes) -> bool:
    """Whether it is the inside of a JSON string: nothing in it ends it, or the line."""
    if b"\\" in text:
        return _TEXT.fullmatch(text) is not None
    return not (b'"' in text or b"\n" in text or b"\r" in text)
