"""Kinds of values that settings have and Python has no word for: a secret, and bounds of a number.

They tell pydantic how to read them, without importing it: whoever is handed settings that have been read needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

_STARS = "**********"


class Secret:
    """A text that is shown as stars, wherever it is printed or dumped."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self._shown()!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def _shown(self) -> str:
        return _STARS if self._value else ""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        shown = core_schema.plain_serializer_function_ser_schema(cls._shown)
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(), serialization=shown)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Mapping[str, Any]:
        return {**handler(schema), "format": "password", "writeOnly": True}


class Within:
    """Bounds of a number, in an annotation: `Annotated[int, Within(ge=1)]`. The names are pydantic's."""

    __slots__ = ("_bounds",)

    def __init__(self, **bounds: int | float) -> None:
        self._bounds = bounds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Mapping[str, Any]:
        return {**handler(source), **self._bounds}
