"""Facts: what routing rules may ask of a request. Each is found out when it is first asked for, and only then."""

from __future__ import annotations

from collections.abc import Mapping

from router.asker import Asker
from router.capability import Needs
from router.content import Content, Origin
from router.expression import readable
from router.language import language_of
from router.occasion import Occasion

TEXT_ONLY = "text"
_USER, _SYSTEM = Origin.USER, Origin.SYSTEM  # an enum's own look-up is slow
_NO_BODY: dict[str, object] = {}


class Facts:
    """Of one request, and asked by one thread."""

    __slots__ = ("_content", "_language", "_last", "_length", "_system", "_turns", "asker", "body", "needs", "occasion")

    def __init__(
        self, content: Content, asker: Asker, occasion: Occasion, needs: Needs, body: Mapping[str, object] | None
    ) -> None:
        self._content = content
        self.asker = asker
        self.occasion = occasion
        self.needs = needs
        self.body: Mapping[str, object] = _NO_BODY if body is None else body
        self._turns = -1
        self._last = ""
        self._language = ""
        self._length = -1
        self._system: str | None = None

    @property
    def language(self) -> str:
        """Of the last user turn, or `unknown`."""
        if not self._language:
            self._language = language_of(self.last)
        return self._language

    @property
    def length(self) -> int:
        """Characters of everything that can be read."""
        if self._length < 0:
            length = 0
            for segment in self._content.segments:
                length += len(segment.text)
            self._length = length
        return self._length

    @property
    def turns(self) -> int:
        """How many turns are the user's."""
        if self._turns < 0:
            self._read_turns()
        return self._turns

    @property
    def last(self) -> str:
        """The text of the last user turn."""
        if self._turns < 0:
            self._read_turns()
        return self._last

    @property
    def system(self) -> str:
        """The system prompt."""
        if self._system is None:
            self._system = "\n".join([s.text for s in self._content.segments if s.origin is _SYSTEM])
        return self._system

    @property
    def last_readable(self) -> bytes:
        return readable(self.last)

    @property
    def system_readable(self) -> bytes:
        return readable(self.system)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of parts that are no text, or `text` where there are none."""
        opaque = self._content.opaque
        return frozenset([part.kind for part in opaque]) if opaque else _TEXT

    def _read_turns(self) -> None:
        turns, parts = 0, [""]
        before = ""
        for segment in self._content.segments:
            if segment.origin is _USER:
                turn = segment.path.partition("]")[0]  # segments that share a message are one turn
                if turn != before or not turns:
                    turns, parts, before = turns + 1, [], turn
                parts.append(segment.text)
        self._turns, self._last = turns, "\n".join(parts)


_TEXT = frozenset({TEXT_ONLY})
