"""Needles: the ways in which a value could be read in bytes that left, and the search for all of them."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

_START = 8  # bytes; no needle is shorter
_STRETCH = 1 << 18  # bytes that are searched at once
# Characters of a value that are looked for by themselves: shorter runs of digits stand in times and ids by chance.
_DIGITS_TOGETHER, _SIGNS_TOGETHER = 12, 10


def needles_of(value: str) -> frozenset[bytes]:
    """The value and parts of it; in base64 at every alignment, hexadecimal, escapes, entities, UTF-16, reversed."""
    compact = "".join(char for char in value if char.isalnum())
    found: set[bytes] = set()
    for text in {value, compact}:
        for written in {text, text.lower(), text.upper(), text[::-1]}:
            data = written.encode()
            found |= {data, data.hex().encode(), data.hex().upper().encode()}
            found |= {written.encode("utf-16-le"), written.encode("utf-16-be")}
        found |= set(_base64_anywhere(text.encode()))
        found |= set(_escaped(text))
    for text in {value, compact}:
        size = _DIGITS_TOGETHER if compact.isdigit() else _SIGNS_TOGETHER
        found |= {text[at : at + size].encode() for at in range(len(text) - size + 1)}
    return frozenset(found)


def _base64_anywhere(data: bytes) -> Iterator[bytes]:
    """What of the base64 depends on `data` alone, whatever stands before it and behind."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).rstrip(b"=")
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        inner = whole[first:last]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def _escaped(text: str) -> Iterator[bytes]:
    codes = [ord(char) for char in text]
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    for form in ("%{:02x}", "%{:02X}", "\\u{:04x}", "\\u{:04X}", "\\x{:02x}", "&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(form.format(code) for code in codes).encode()


class Haystack:
    """Searches bytes for the needles of many values in one pass."""

    def __init__(self) -> None:
        self._by_start: defaultdict[bytes, list[tuple[bytes, str]]] = defaultdict(list)

    def add(self, value: str, told: str) -> None:
        """`told` is what a failure says of the value."""
        self.add_needles(needles_of(value), told)

    def add_needles(self, needles: Iterable[bytes], told: str) -> None:
        for needle in needles:
            assert len(needle) >= _START, needle
            self._by_start[needle[:_START]].append((needle, told))

    def found_in(self, data: bytes) -> list[tuple[str, bytes]]:
        """What was said of each value that stands there, with the bytes around it."""
        found = []
        for at in self._candidates(data):
            for needle, told in self._by_start.get(data[at : at + _START], ()):
                if data.startswith(needle, at):
                    found.append((told, data[max(0, at - 40) : at + len(needle) + 40]))
        return found

    def _candidates(self, data: bytes) -> Iterator[int]:
        """Where the first bytes of some needle stand: eight bytes are one number, and a stretch is compared at once."""
        starts = np.sort(np.frombuffer(b"".join(self._by_start), np.uint64))
        if len(starts) == 0:
            return
        for first in range(0, len(data) - _START + 1, _STRETCH):
            stretch = np.frombuffer(data[first : first + _STRETCH + _START - 1], np.uint8)
            numbers = np.ascontiguousarray(sliding_window_view(stretch, _START)).view(np.uint64)[:, 0]
            places = np.searchsorted(starts, numbers)
            places[places == len(starts)] = 0
            yield from (first + int(at) for at in np.flatnonzero(starts[places] == numbers))
