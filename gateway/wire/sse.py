"""Server-sent events: cutting a byte stream into events, and reading and writing one.

Events stay raw bytes, so that a relay passes on exactly what came. Lines end with LF, CRLF or CR, as the WHATWG
standard has it (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.wire.errors import UpstreamFailed

DONE: Final = b"data: [DONE]\n\n"
PING = b": ping\n\n"  # a comment, which every reader of events skips
# As numbers: asked for bytes in bytes, CPython makes an exception each time, and forgets it.
LF: Final = 0x0A
CR: Final = 0x0D
MAX_EVENT_BYTES: Final = 8 * 1024 * 1024  # a chunk can carry a whole image in base64, not more

# Two line ends in a row. A CR ends a line only once it is known that no LF follows: hence the look-aheads.
_BLANK_LINE: Final = re.compile(rb"(?:\r?\n|\r(?=\r))(?:\r?\n|\r(?=[^\n]))")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_LONGEST_BLANK_LINE: Final = 4  # bytes: CR LF CR LF
_BOM: Final = b"\xef\xbb\xbf"


class OversizedEvent(UpstreamFailed):
    """An event larger than allowed. `events` are the good ones before it, which came with the same piece."""

    def __init__(self, limit: int, events: Sequence[bytes]) -> None:
        super().__init__(f"The model's server sent an event of more than {limit} bytes.")
        self.events = tuple(events)


class EventSplitter:
    """Cuts what `feed` is given, in pieces of any size, into events. What it returns, put together, is what it got."""

    __slots__ = ("_limit", "_searched", "_tail")

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = max_event_bytes
        self._tail = bytearray()
        self._searched = 0  # how far into the tail there is certainly no blank line

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes, each with its closing blank line. Raises `OversizedEvent`."""
        if not self._tail and data.endswith(b"\n\n") and CR not in data:
            return self._cut_whole(data)
        self._tail += data
        return self._cut_tail()

    @property
    def holds(self) -> bool:
        """Whether an event has begun and not ended."""
        return bool(self._tail)

    def end_in(self, data: bytes) -> int:
        """How much of `data` it takes, at most, to end the event that has begun. Lines that end with LF only."""
        if data.startswith(b"\n") and self._tail.endswith(b"\n"):
            return 1
        found = data.find(b"\n\n")
        return len(data) if found < 0 else found + 2

    @property
    def rest(self) -> bytes:
        """What came after the last complete event: at the end of a stream, a sign that it was cut.

        An event whose lines end with a bare CR is held here until the next byte shows that no LF belongs to it.
        """
        return bytes(self._tail)

    def _cut_whole(self, data: bytes) -> list[bytes]:
        """The ordinary case: a piece that starts and ends where an event does."""
        if data.find(b"\n\n") == len(data) - 2:
            events = [data]
        else:
            pieces = data.split(b"\n\n")
            # "\n\n\n" splits into "" and "\n": the odd line end begins what comes next
            self._tail += pieces.pop()
            events = [piece + b"\n\n" for piece in pieces]
        if len(data) > self._limit:
            self._check(events)
        return events

    def _cut_tail(self) -> list[bytes]:
        tail = self._tail
        events: list[bytes] = []
        start = 0
        found = _BLANK_LINE.search(tail, self._searched)
        while found:
            end = found.end()
            events.append(bytes(tail[start:end]))
            start = end
            found = _BLANK_LINE.search(tail, start)
        del tail[:start]
        self._searched = max(0, len(tail) - _LONGEST_BLANK_LINE)
        self._check(events)
        if len(tail) > self._limit:
            raise OversizedEvent(self._limit, events)
        return events

    def _check(self, events: list[bytes]) -> None:
        for position, event in enumerate(events):
            if len(event) > self._limit:
                raise OversizedEvent(self._limit, events[:position])


def payload(event: bytes) -> bytes | None:
    """The event's data, several `data` lines joined by a line feed; `None` for a comment or an event without data."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2 and CR not in event:
        return event[6:-2]
    lines: list[bytes] = []
    for line in _LINE_END.split(event.removeprefix(_BOM)):
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" "))
        elif line == b"data":
            lines.append(b"")
    return b"\n".join(lines) if lines else None


def data_frame(data: bytes) -> bytes:
    """One event with `data` as its payload."""
    if LF in data or CR in data:
        data = b"\ndata: ".join(_LINE_END.split(data))
    return b"".join((b"data: ", data, b"\n\n"))


def comment(*lines: str) -> bytes:
    """One event of comments only. The lines hold no line end."""
    return "".join(f": {line}\n" for line in lines).encode() + b"\n"
