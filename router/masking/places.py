"""Places: where in a body a segment of its content stands, and writing something else there.

A segment's path quotes keys as they are, so two places may have the same. Only a place that is certain is written to.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    """`holder[at]` is the text. `field` is the nearest key of an object on the way there."""

    holder: Any
    at: Any
    field: str


class Places:
    """All strings of a copy of a body, by path. `body` is the copy, whose objects and lists are its own."""

    def __init__(self, body: Any) -> None:
        self._places: dict[str, list[Place]] = {}
        self.body = self._copied(body, "", "")

    def at(self, path: str, text: str) -> Place | None:
        """The one place at `path` that holds `text`; None for a key, a number, or where it is not certain."""
        found = [place for place in self._places.get(path, ()) if place.holder[place.at] == text]
        return found[0] if len(found) == 1 else None

    def _copied(self, value: Any, path: str, field: str) -> Any:
        if isinstance(value, dict):
            copy: Any = {}
            for key, item in value.items():
                self._put(copy, key, item, f"{path}.{key}" if path else key, key)
            return copy
        if isinstance(value, list | tuple):
            copy = [None] * len(value)
            for number, item in enumerate(value):
                self._put(copy, number, item, f"{path}[{number}]", field)
            return copy
        return value

    def _put(self, holder: Any, at: Any, item: Any, path: str, field: str) -> None:
        if isinstance(item, str):
            self._places.setdefault(path, []).append(Place(holder, at, field))
            holder[at] = item
        else:
            holder[at] = self._copied(item, path, field)
