"""The published schema: an editor that trusts it must not mislead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gateway.config.load import packaged
from gateway.config.schema import json_schema, json_schema_text

PUBLISHED = Path(__file__).parents[3] / "docs" / "tidegate.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def parsed(text: str) -> Any:
    return yaml.safe_load(text)


def test_it_is_a_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_published_file_is_in_step() -> None:
    """Otherwise: `tidegate check --schema > docs/tidegate.schema.json`."""
    assert PUBLISHED.read_text() == json_schema_text()


@pytest.mark.parametrize("file", [packaged(), Path(__file__).parent / "example.yaml"], ids=["shipped", "announced"])
def test_what_loads_passes(file: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(parsed(file.read_text()))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        "deployments: {}",
        "deployments: {a: {zone: local, engine: embedded, zon: x}}\nroutes: {}",
        "deployments: {a: {zone: local, engine: other}}\nroutes: {}",
        "deployments: {}\nroutes: {}\nserver: {port: 70000}",
        "deployments: {}\nroutes: {}\nserver: {port: high}",
        "deployments: {}\nroutes: {}\nkeys: [{key: x}]",
    ],
)
def test_what_is_wrong_fails(wrong: str) -> None:
    assert list(VALIDATOR.iter_errors(parsed(wrong)))


@pytest.mark.parametrize("value", ["8080", '"${PORT}"', '"${PORT:-8080}"'])
def test_a_reference_may_stand_for_a_number(value: str) -> None:
    assert not list(VALIDATOR.iter_errors(parsed(f"deployments: {{}}\nroutes: {{}}\nserver: {{port: {value}}}")))


def test_every_setting_is_described() -> None:
    schema = json_schema()
    groups = {"": schema, **schema["$defs"]}
    bare = [
        f"{name}.{setting}"
        for name, group in groups.items()
        for setting, shape in group.get("properties", {}).items()
        if not shape.get("description")
    ]
    assert bare == []
    assert [name for name, group in groups.items() if not group.get("description")] == []


def test_no_secret_has_a_default_that_is_one() -> None:
    assert "***" not in json_schema_text()
