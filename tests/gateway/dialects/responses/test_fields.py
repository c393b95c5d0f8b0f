"""If these fail, a client is not told which of its fields is wrong, or is quoted what it should not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.dialects.responses import fields
from gateway.wire.errors import BadRequest


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (fields.text, ["", "a"], [1, True, [], {}]),
        (fields.flag, [True, False], [0, 1, "true"]),
        (fields.whole, [0, 7], [-1, 1.0, True, "7"]),
        (fields.mapping, [{}, {"a": 1}], [[], "a", 1]),
        (fields.items, [[], [1]], [{}, "a", 1]),
    ],
)
def test_a_value_is_what_it_should_be_or_is_named(
    read: Callable[[object, str], object], good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert read(value, "here") == value
    for value in bad:
        with pytest.raises(BadRequest) as caught:
            read(value, "here")
        assert (caught.value.param, caught.value.code) == ("here", "invalid_type")


def test_what_is_not_there_is_missing_but_a_list_may_be() -> None:
    with pytest.raises(BadRequest) as caught:
        fields.text(None, "input[0].role")
    assert (caught.value.param, caught.value.code) == ("input[0].role", "missing_required_parameter")
    assert fields.items(None, "tools") == []


def test_a_least_is_held_to() -> None:
    with pytest.raises(BadRequest, match="at least 1"):
        fields.whole(0, "limit", 1)


@pytest.mark.parametrize(
    ("value", "kind"), [({"type": "a"}, "a"), ({"type": 5}, ""), ({}, ""), ({"type": "x" * 99}, "x" * 60)]
)
def test_a_kind_is_short_enough_to_be_quoted(value: dict[str, Any], kind: str) -> None:
    assert fields.kind_of(value) == kind
