"""JSON inside text: tool arguments and structured output are JSON that stands in a string, sometimes several deep.

What is taken out of such a text is taken without its escapes, and what is put in is escaped as the place demands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

import orjson

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SIGN = re.compile(r'["\\]')
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_DEEPEST = 4  # JSON in JSON in JSON in JSON; what is deeper is text
_UNICODE_ESCAPE = 6  # characters of \u0041
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Part(NamedTuple):
    """A stretch of a JSON text: what it says, and whether it has to be written between quotes to stand there."""

    value: str
    is_bare: bool


def is_json(text: str) -> bool:
    """Whether a text is a JSON object or list."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


class JsonText:
    """A JSON text, to be looked at in many places."""

    def __init__(self, text: str, depth: int = 1) -> None:
        self._text = text
        self._depth = depth
        self._strings = [match.span() for match in _STRING.finditer(text)]
        self._starts = [start for start, _ in self._strings]

    def part(self, start: int, end: int) -> Part | None:
        """What stands there. None for what reaches over a quote, cuts an escape or is half a number."""
        text, number = self._text, bisect_right(self._starts, start) - 1
        if number >= 0:
            first, last = self._strings[number]
            if first < start and end < last:
                return _in_string(text[first:last], start - first, end - first, self._depth)
            if start < last:
                return None
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        whole = _NUMBER.match(text[start:end]) is not None and not any(s.isalnum() or s in "+-." for s in around)
        return Part(text[start:end], is_bare=True) if whole else None


def _in_string(literal: str, start: int, end: int, depth: int) -> Part | None:
    raw = literal[start:end]
    if "\\" not in raw:
        # A backslash before it belongs to what is there only if it is one of a pair.
        before = literal[:start]
        return None if (len(before) - len(before.rstrip("\\"))) % 2 else Part(raw, is_bare=False)
    try:
        before, said, whole = (orjson.loads(text) for text in (f'{literal[:start]}"', f'"{raw}"', literal))
    except orjson.JSONDecodeError:
        return None
    if depth < _DEEPEST and is_json(whole):
        inner = JsonText(whole, depth + 1).part(len(before), len(before) + len(said))
        return None if inner is None or inner.is_bare else inner
    return Part(said, is_bare=False)


class Place:
    """Where a text stands that comes piece by piece, if it is JSON: one that begins with a bracket is taken for it."""

    __slots__ = ("_begun", "_depth", "_escape", "_in_string", "_inner", "_is_json")

    def __init__(self, depth: int = 1) -> None:
        self._depth = depth
        self._begun = False
        self._is_json = False
        self._in_string = False
        self._escape = ""  # one that has begun
        self._inner: Place | None = None  # what the string says, read as a text of its own

    def feed(self, text: str) -> None:
        """More of the text."""
        if not self._begun:
            begun = text.lstrip()[:1]
            if not begun:
                return
            self._begun = True
            self._is_json = begun in "{["
        if not self._is_json:
            return
        position = 0
        while position < len(text):
            position = self._string(text, position) if self._in_string else self._outside(text, position)

    def escaped(self, value: str) -> str:
        """The value as it has to be written here."""
        self._begun = True
        if not self._in_string:
            return value
        if self._inner is not None:
            value = self._inner.escaped(value)
        return orjson.dumps(value).decode()[1:-1]

    def _outside(self, text: str, position: int) -> int:
        found = text.find('"', position)
        if found < 0:
            return len(text)
        self._in_string = True
        self._inner = Place(self._depth + 1) if self._depth < _DEEPEST else None
        return found + 1

    def _string(self, text: str, position: int) -> int:
        if self._escape:
            self._escape += text[position]
            if self._escape[1] != "u":
                self._say(_SHORT.get(self._escape[1], self._escape[1]))
                self._escape = ""
            elif len(self._escape) == _UNICODE_ESCAPE:
                self._say(_unescaped(self._escape))
                self._escape = ""
            return position + 1
        found = _SIGN.search(text, position)
        end = found.start() if found else len(text)
        if end > position:
            self._say(text[position:end])
        if found is None:
            return end
        if found.group() == '"':
            self._in_string = False
        else:
            self._escape = "\\"
        return found.end()

    def _say(self, text: str) -> None:
        if self._inner is not None:
            self._inner.feed(text)


def _unescaped(escape: str) -> str:
    try:
        return chr(int(escape[2:], 16))
    except ValueError:
        return escape
