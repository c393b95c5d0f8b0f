"""A setting that nobody knows is a slip of the pen: silently ignored, it would not do what its author thinks."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.config.strict import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Strict):
    number: float = 1.0


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Group).validate_python({"numbr": 2})


@pytest.mark.parametrize("value", ["inf", "nan"])
def test_a_number_is_finite(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Group).validate_python({"number": value})


def test_what_was_read_stays_as_it_is() -> None:
    with pytest.raises(FrozenInstanceError):
        TypeAdapter(Group).validate_python({"number": "2"}).number = 3  # type: ignore[misc]
