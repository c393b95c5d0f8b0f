"""If these fail, the document describes something else than what the gateway serves, or no tool can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.app import DIALECTS
from gateway.dialects.dialect import Dialect
from gateway.openapi.document import complete, paths

EMPTY: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}
# Told to be missing, in the dialect's own words: there is nothing to describe.
UNSERVED = {"/v1/messages/"}
OPEN_ROOT = {"/": frozenset({"GET", "HEAD"})}  # Ollama's; whatever else is asked there is not served


def served() -> Iterator[tuple[str, Dialect, frozenset[str]]]:
    for dialect in DIALECTS:
        for path, allowed in dialect.paths.items():
            methods = allowed or OPEN_ROOT.get(path)
            if methods is not None and path not in UNSERVED:
                yield path, dialect, methods


def described(path: str) -> dict[str, dict[str, Any]]:
    """What is described there; for a path that stands for all below it, below it."""
    if path.endswith("/") and path != "/":
        exact = {other for other, _, _ in served()}
        return {other: item for other, item in paths().items() if other.startswith(path) and other not in exact}
    return {path: paths()[path]}


def refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def test_every_path_that_is_served_is_described_and_no_other() -> None:
    assert paths().keys() == {found for path, _, _ in served() for found in described(path)}


@pytest.mark.parametrize(
    ("path", "dialect", "methods"), list(served()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_its_methods_and_whether_it_takes_a_key(path: str, dialect: Dialect, methods: frozenset[str]) -> None:
    items = described(path).values()
    found = {method.upper() for item in items for method in item}
    assert found <= methods if path.endswith("s/") else found == methods
    for item in items:
        for operation in item.values():
            assert ({} in operation["security"]) == dialect.open_to_all


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    document = complete(EMPTY)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(refs(document)) == known


def test_every_schema_is_one() -> None:
    for schema in complete(EMPTY)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_parameters_of_a_path_are_described() -> None:
    for path, item in paths().items():
        for operation in item.values():
            named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


def test_no_name_stands_for_two_schemas() -> None:
    """The later would be taken for the earlier, wherever that is referred to."""
    with pytest.raises(AssertionError, match="Usage"):
        complete({**EMPTY, "components": {"schemas": {"Usage": {}}}})
