"""Places: where in a body a segment of its content stands, and writing something else there.

A segment's path quotes keys as they are, so it may be read in more ways than one. Only a place that is certain is
written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_MOST_STEPS = 5_000  # of one search: paths made to be read in many ways are given up


class Place(NamedTuple):
    """`holder[at]` is the text. `field` is the nearest key of an object on the way there."""

    holder: Any
    at: Any
    field: str


def copied(value: Any) -> Any:
    """A copy whose objects and lists are its own."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value


def place_of(body: Any, path: str, text: str) -> Place | None:
    """The one place at `path` that holds `text`; None for a key, a number, or where it is not certain."""
    found: list[Place] = []
    for steps, place in enumerate(_places(body, path, "")):
        if steps == _MOST_STEPS:
            return None
        if place is not None and place.holder[place.at].__class__ is str and place.holder[place.at] == text:
            found.append(place)
    return found[0] if len(found) == 1 else None


def _places(value: Any, path: str, field: str) -> Iterator[Place | None]:
    """Every place that the path may mean; None is a step that led nowhere."""
    yield None
    if isinstance(value, dict):
        for key, item in value.items():
            if path == key:
                yield Place(value, key, key)
            elif path.startswith(key) and path[len(key)] in ".[":
                yield from _places(item, path[len(key) :].removeprefix("."), key)
    elif isinstance(value, list) and path.startswith("["):
        number, _, rest = path[1:].partition("]")
        if number.isdecimal() and int(number) < len(value):
            if not rest:
                yield Place(value, int(number), field)
            else:
                yield from _places(value[int(number)], rest.removeprefix("."), field)
