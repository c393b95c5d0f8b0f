"""Log-probabilities in an answer: found, and taken out again where only the gateway asked for them.

On bytes: inside a JSON string every quote is escaped, so that a quoted name is a key, and never an answer's text. What
is taken out becomes `null`, which OpenAI says where none were asked for; every other byte stays as it came.
"""

from __future__ import annotations

import re

from gateway.wire.sse import EventSplitter, data_frame, payload

KEY = b'"logprobs"'
_VALUE = re.compile(rb'"logprobs"\s*:\s*(?=[\[{])')
_MARK = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)  # a string whole: what is in it closes nothing


def taken_out(text: bytes) -> tuple[bytes, list[bytes]]:
    """JSON without its log-probabilities, and what stood there, piece by piece."""
    out: list[bytes] = []
    values: list[bytes] = []
    start = 0
    while found := _VALUE.search(text, start):
        end = _end_of_value(text, found.end())
        out += (text[start : found.end()], b"null")
        values.append(text[found.end() : end])
        start = end
    return (b"".join((*out, text[start:])), values) if values else (text, values)


class Stripper:
    """Takes log-probabilities out of a stream, event by event. What has not come whole is held until it has."""

    __slots__ = ("_splitter",)

    def __init__(self) -> None:
        self._splitter = EventSplitter()

    def feed(self, data: bytes) -> tuple[bytes, list[bytes]]:
        """What of it can be passed on, and what was taken out. Raises `OversizedEvent`."""
        out: list[bytes] = []
        values: list[bytes] = []
        for event in self._splitter.feed(data):
            passed, found = _event(event) if KEY in event else (event, [])
            out.append(passed)
            values += found
        return b"".join(out), values


def _event(event: bytes) -> tuple[bytes, list[bytes]]:
    text = payload(event)
    if text is None:
        return event, []
    shown, values = taken_out(text)
    if not values:
        return event, values
    # An event of several lines of data becomes one: where in them something stood cannot be told.
    return (event.replace(text, shown, 1) if text in event else data_frame(shown)), values


def _end_of_value(text: bytes, start: int) -> int:
    """Where the object or list that begins at `start` ends; the end of the text where it does not."""
    depth = 0
    for mark in _MARK.finditer(text, start):
        kind = mark[0]
        if kind in (b"{", b"["):
            depth += 1
        elif kind in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return mark.end()
    return len(text)
