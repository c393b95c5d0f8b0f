"""Restoring: a text's placeholders become what they stand for, also where the text comes in pieces.

Held back is only what can still become a placeholder of this mask. What a model makes up is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from router.masking.json_text import Place
from router.masking.placeholder import OPENERS, begun_at, cut

_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


def has_escapes(values: Mapping[str, str]) -> bool:
    """Whether a value is written otherwise in JSON than in text. Most are not, and may then stand anywhere."""
    return any(_TO_ESCAPE.search(value) is not None for value in values.values())


class Restorer:
    """One text on its way home. `values` by name in capitals; `escapes` as `has_escapes` says of them."""

    __slots__ = ("_place", "_values", "held")

    def __init__(self, values: Mapping[str, str], *, escapes: bool) -> None:
        self._values = values
        self._place = Place() if escapes else None
        self.held = ""

    def feed(self, piece: str) -> str:
        """What may be shown once this piece has come."""
        if not self.held and self._place is None and not any(sign in piece for sign in OPENERS):
            return piece
        text = self.held + piece
        end = begun_at(text, self._values)
        self.held = text[end:]
        return self._restored(text[:end])

    def end(self) -> str:
        """What was held back; no more will come."""
        held, self.held = self.held, ""
        return self._restored(held)

    def _restored(self, text: str) -> str:
        place, out = self._place, list[str]()
        for before, value in cut(text, self._values):
            out.append(before)
            if place is not None:
                place.feed(before)
            if value is not None:
                out.append(value if place is None else place.escaped(value))
        return "".join(out)


def restored(text: str, values: Mapping[str, str], *, escapes: bool) -> str:
    """A whole text."""
    restorer = Restorer(values, escapes=escapes)
    return restorer.feed(text) + restorer.end()
