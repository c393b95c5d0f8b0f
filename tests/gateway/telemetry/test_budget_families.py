"""If these fail, a metric of budgets is counted and never shown."""

from __future__ import annotations

from gateway.telemetry import budget_families
from gateway.telemetry.budget_families import BUDGET_FAMILIES
from gateway.telemetry.family import Family


def test_every_family_that_is_declared_is_in_the_list_once() -> None:
    declared = [family for family in vars(budget_families).values() if isinstance(family, Family)]
    assert sorted(declared, key=lambda family: family.name) == sorted(BUDGET_FAMILIES, key=lambda family: family.name)
