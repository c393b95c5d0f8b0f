"""Whether a JSON value fits a JSON schema, as far as that can be said at once.

Types, properties, items, enumerations, bounds, combinations and references inside the schema are looked at. Anything
else (`pattern`, `format`, references to elsewhere, what is not known) forbids nothing: schemas come from clients, and
nothing is fetched, compiled or searched for them. "Does not fit" can be relied on; "fits" says that nothing was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_MOST_STEPS: Final = 20_000  # looks at a part of the value, or at a name or value that the schema lists
_DEEPEST: Final = 60
_CHARACTERS: Final = 50  # of a reference, that are followed in the time of a step


class _Enough(Exception):
    """Too large to be looked at to its end."""


def fits(value: object, schema: object) -> bool:
    """Whether nothing is wrong with the value."""
    try:
        return _Look(schema).fits(value, schema, 0)
    except _Enough:
        return True


class _Look:
    """One comparison."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._steps = 0

    def fits(self, value: object, schema: object, depth: int) -> bool:
        self._take(1)
        if depth > _DEEPEST:
            raise _Enough
        if schema is False:
            return False
        if not isinstance(schema, dict):
            return True
        kinds = schema.get("type")
        self._take(len(kinds) if isinstance(kinds, list) else 0)
        if not _is_of_type(value, kinds):
            return False
        if "enum" in schema and not any(self._same(value, each) for each in _listed(schema["enum"])):
            return False
        if "const" in schema and not self._same(value, schema["const"]):
            return False
        return self._combined(value, schema, depth) and self._inside(value, schema, depth)

    def _take(self, steps: int) -> None:
        """Schemas are the client's, and one can send each part of a value through a long list again."""
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise _Enough

    def _same(self, left: object, right: object, depth: int = 0) -> bool:
        """Equal as JSON: in Python `True` equals 1."""
        self._take(1)
        if depth > _DEEPEST:
            raise _Enough
        if isinstance(left, bool) or isinstance(right, bool):
            return left is right
        if isinstance(left, list) and isinstance(right, list):
            each = zip(left, right, strict=False)
            return len(left) == len(right) and all(self._same(mine, its, depth + 1) for mine, its in each)
        if isinstance(left, dict) and isinstance(right, dict):
            self._take(len(left))
            if left.keys() != right.keys():
                return False
            return all(self._same(part, right[name], depth + 1) for name, part in left.items())
        return left == right

    def _combined(self, value: object, schema: Mapping[str, Any], depth: int) -> bool:
        reference = schema.get("$ref")
        if isinstance(reference, str) and not self.fits(value, self._found(reference), depth + 1):
            return False
        if "allOf" in schema and not all(self.fits(value, each, depth + 1) for each in _listed(schema["allOf"])):
            return False
        some = _listed(schema.get("anyOf"))
        if some and not any(self.fits(value, each, depth + 1) for each in some):
            return False
        one = _listed(schema.get("oneOf"))
        # What is not looked at forbids nothing, so two that seem to fit may be one.
        return not one or any(self.fits(value, each, depth + 1) for each in one)

    def _inside(self, value: object, schema: Mapping[str, Any], depth: int) -> bool:
        if isinstance(value, dict):
            return self._properties(value, schema, depth)
        if isinstance(value, list):
            return self._items(value, schema, depth)
        if isinstance(value, str):
            return _within(len(value), schema.get("minLength"), schema.get("maxLength"))
        if isinstance(value, int | float) and not isinstance(value, bool):
            low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
            if not _strictly_within(value, low, high):
                return False
            return _within(value, schema.get("minimum"), schema.get("maximum"))
        return True

    def _properties(self, value: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> bool:
        required = _listed(schema.get("required"))
        self._take(len(required))
        if any(isinstance(name, str) and name not in value for name in required):
            return False
        if not _within(len(value), schema.get("minProperties"), schema.get("maxProperties")):
            return False
        known = schema.get("properties")
        properties = known if isinstance(known, dict) else {}
        others = None if "patternProperties" in schema else schema.get("additionalProperties")
        for name, part in value.items():
            if name in properties:
                if not self.fits(part, properties[name], depth + 1):
                    return False
            elif others is not None and not self.fits(part, others, depth + 1):
                return False
        return True

    def _items(self, value: Sequence[Any], schema: Mapping[str, Any], depth: int) -> bool:
        if not _within(len(value), schema.get("minItems"), schema.get("maxItems")):
            return False
        first = _listed(schema.get("prefixItems"))
        for part, own in zip(value, first, strict=False):
            if not self.fits(part, own, depth + 1):
                return False
        items = schema.get("items")
        if items is None or isinstance(items, list):  # a list: what older drafts call `prefixItems`
            return True
        return all(self.fits(part, items, depth + 1) for part in value[len(first) :])

    def _found(self, reference: str) -> object:
        """What `#/$defs/name` stands for; `True`, which anything fits, where it is not in this schema."""
        if not reference.startswith("#"):
            return True
        self._take(len(reference) // _CHARACTERS)
        place = self._root
        for step in reference[1:].split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, dict) or name not in place:
                return True
            place = place[name]
        return place


def _is_of_type(value: object, kinds: object) -> bool:
    if isinstance(kinds, str):
        return _is_a(value, kinds)
    if isinstance(kinds, list):
        return not kinds or any(not isinstance(kind, str) or _is_a(value, kind) for kind in kinds)
    return True


def _is_a(value: object, kind: str) -> bool:
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "null":
        return value is None
    if kind == "number":
        return _is_number(value)
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(number: int | float, low: object, high: object) -> bool:
    if isinstance(low, int | float) and not isinstance(low, bool) and number < low:
        return False
    return not (isinstance(high, int | float) and not isinstance(high, bool) and number > high)


def _strictly_within(number: int | float, low: object, high: object) -> bool:
    if isinstance(low, int | float) and not isinstance(low, bool) and number <= low:
        return False
    return not (isinstance(high, int | float) and not isinstance(high, bool) and number >= high)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
