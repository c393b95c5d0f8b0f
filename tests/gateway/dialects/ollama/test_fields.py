"""If these fail, a wrong request is not told what is wrong with it, or a good one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.ollama import fields
from gateway.wire.errors import BadRequest


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (fields.text, "x", "x"),
        (fields.text, None, ""),
        (fields.items, [1], [1]),
        (fields.items, None, []),
        (fields.mapping, {"a": 1}, {"a": 1}),
        (fields.mapping, None, {}),
    ],
)
def test_what_is_null_counts_as_left_out(read: Any, value: object, found: object) -> None:
    assert read({"field": value}, "field") == found
    if value is None:
        assert read({}, "field") == found


@pytest.mark.parametrize(
    ("read", "wrong"),
    [(fields.text, 5), (fields.text, ["x"]), (fields.items, {}), (fields.items, "x"), (fields.mapping, [])],
)
def test_what_is_wrong_is_named_with_its_place(read: Any, wrong: object) -> None:
    with pytest.raises(BadRequest) as caught:
        read({"field": wrong}, "field", "messages[2].")
    assert caught.value.param == "messages[2].field"
    assert "`messages[2].field` must be" in caught.value.message


def test_flags() -> None:
    assert fields.flag({}, "stream", default=True)
    assert fields.flag({"stream": None}, "stream", default=True)
    assert not fields.flag({"stream": False}, "stream", default=True)
    with pytest.raises(BadRequest):
        fields.flag({"stream": "no"}, "stream", default=True)


def test_a_model_may_be_called_name() -> None:
    assert fields.model_of({"model": "a", "name": "b"}) == "a"
    assert fields.model_of({"name": "b"}) == "b"
    for body in ({}, {"model": ""}, {"model": None}, {"model": 5}):
        with pytest.raises(BadRequest) as caught:
            fields.model_of(body)
        assert caught.value.param == "model"
