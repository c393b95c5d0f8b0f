"""If these fail, a policy that names a family forgets a type of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from router.families import FAMILIES, TYPES, types_of

DOCS = Path(__file__).parents[2] / "docs"


def test_every_type_that_is_found_is_of_a_family() -> None:
    """docs/detection.md lists them all."""
    section = (DOCS / "detection.md").read_text().partition("\n## Types\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([A-Z][A-Z_]*)`", section)) == TYPES


def test_the_page_lists_what_is_in_each() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| ((?:`[A-Z_]+` ?)+)\|$", (DOCS / "policy.md").read_text(), re.MULTILINE)
    assert {family: frozenset(re.findall(r"`([A-Z_]+)`", types)) for family, types in rows} == dict(FAMILIES)


@pytest.mark.parametrize(
    ("names", "types"),
    [
        (["special"], {"SPECIAL_CATEGORY"}),
        (["vehicle", "IBAN"], {"LICENSE_PLATE", "VIN", "IBAN"}),
        (["*"], {"*"}),
        (["CASTLE"], {"CASTLE"}),
        ([], set()),
    ],
)
def test_names_of_both_kinds(names: list[str], types: set[str]) -> None:
    assert types_of(names) == types
