"""If these fail, a client is not told which field is wrong, or is told what stood in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.dialects.anthropic import fields
from gateway.wire.errors import BadRequest

SECRET = "4970 1000 0000 0154"


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (fields.text, "", 5),
        (fields.name, "a", ""),
        (fields.mapping, {}, [SECRET]),
        (fields.mappings, [{}], [SECRET]),
        (fields.flag, True, SECRET),
    ],
)
def test_a_field_is_what_it_must_be(read: Callable[[object, str], object], good: object, bad: object) -> None:
    assert read(good, "a.b") == good
    with pytest.raises(BadRequest) as caught:
        read(bad, "a.b")
    assert caught.value.param is not None
    assert caught.value.param.startswith("a.b")
    assert f"`{caught.value.param}`" in caught.value.message
    assert SECRET not in caught.value.message


def test_what_is_left_out_is_missing_and_a_flag_is_false() -> None:
    with pytest.raises(BadRequest) as caught:
        fields.text(None, "a")
    assert (caught.value.code, caught.value.message) == (
        "missing_required_parameter",
        "`a` is required and must be a string.",
    )
    assert fields.flag(None, "a") is False


def test_a_type_is_told_in_short() -> None:
    assert fields.kind_of({"type": "x" * 100}, "a") == "x" * 40
    with pytest.raises(BadRequest):
        fields.kind_of({}, "a")
