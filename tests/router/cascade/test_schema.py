"""A user loses: an answer in the right form that is thrown away, or a wrong one that is passed on."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.cascade.schema import fits

NAMES = st.sampled_from(["a", "b", "c"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "x", "", "longer"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["object", "array", "string", "boolean", "null", "number", "integer"])


def schemas() -> st.SearchStrategy[Any]:
    """Of what is looked at, and nothing else."""
    plain = st.fixed_dictionaries(
        {},
        optional={
            "type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-2, 2),
            "maximum": st.integers(-2, 2),
            "exclusiveMinimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(0, 3),
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "required": st.lists(NAMES, max_size=2, unique=True),
        },
    )

    def more(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(
            {},
            optional={
                "type": KINDS,
                "properties": st.dictionaries(NAMES, inner, max_size=2),
                "additionalProperties": inner,
                "items": inner,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "anyOf": st.lists(inner, min_size=1, max_size=2),
            },
        )

    return st.recursive(plain | st.booleans(), more, max_leaves=5)


@settings(max_examples=400, deadline=None)
@given(VALUES, schemas())
def test_it_says_what_the_reference_says(value: Any, schema: Any) -> None:
    assert fits(value, schema) == jsonschema.Draft202012Validator(schema).is_valid(value)


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_anything_may_stand_where_a_schema_should(value: Any, schema: Any) -> None:
    assert fits(value, schema) in (True, False)


def test_references_inside_the_schema_are_followed() -> None:
    schema = {"$defs": {"age": {"type": "integer"}}, "properties": {"age": {"$ref": "#/$defs/age"}}}
    assert fits({"age": 3}, schema)
    assert not fits({"age": "3"}, schema)


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/schema.json", "#/nowhere", "other.json#/a", "#/$defs/a%25b"]
)
def test_references_to_elsewhere_are_not(elsewhere: str) -> None:
    assert fits({"age": "3"}, {"properties": {"age": {"$ref": elsewhere}}})


def test_a_schema_that_contains_itself_ends() -> None:
    assert fits([[[]]], {"items": {"$ref": "#"}, "allOf": [{"$ref": "#"}]})


def test_what_is_not_looked_at_forbids_nothing() -> None:
    assert fits("aaaaaaaaaaaaaaaaaaaaaaaa!", {"pattern": "^(a+)+$", "format": "email", "x-unknown": False})


def test_one_of_several_forms() -> None:
    assert fits(1, {"oneOf": [{"type": "integer"}, {"type": "string"}]})
    assert not fits(None, {"oneOf": [{"type": "integer"}, {"type": "string"}]})


def test_a_large_value_is_taken_to_fit_after_a_while() -> None:
    assert fits([0] * 100_000 + ["x"], {"items": {"type": "integer"}})


@pytest.mark.parametrize(
    "part",
    [
        {"enum": list(range(100_000))},
        {"required": [0] * 100_000},
        {"type": ["string"] * 100_000},
        {"$ref": "#/" + "/".join(["x"] * 100_000)},
        {"const": [0] * 100_000},
    ],
)
def test_a_long_list_that_is_named_again_and_again_ends(part: dict[str, object]) -> None:
    value = {"enum": "x", "required": {}, "type": 1, "$ref": 1, "const": [0] * 99_999 + [1]}[next(iter(part))]
    schema = {"anyOf": [{"$ref": "#/$defs/part"}] * 10_000, "$defs": {"part": part}}
    started = time.perf_counter()
    fits(value, schema)
    assert time.perf_counter() - started < 2  # it took half a minute and more


def test_values_nested_deeply_are_taken_to_fit() -> None:
    deep: object = 0
    for _ in range(900):
        deep = [deep]
    assert fits(deep, {"enum": [deep]})
