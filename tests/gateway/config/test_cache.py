"""docs/cache.md: its examples load, and are what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.cacheplans import cache_plans_of
from gateway.config.settings import Settings
from tests.gateway.config.harness import BASE, loaded

PAGE = (Path(__file__).parents[3] / "docs" / "cache.md").read_text()
EXAMPLES: list[str] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
ENVIRONMENT = {"CACHE_KEY": 40 * "a", "NEW_CACHE_KEY": 40 * "b"}


def settings(example: str) -> Settings:
    deployments = BASE[: BASE.index("routes:")]
    found = loaded((deployments if example.startswith("routes:") else BASE) + example, ENVIRONMENT)
    assert found.warnings == ()
    return found.settings


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(example: str) -> None:
    settings(example)


def test_they_are_what_they_say() -> None:
    assert len(EXAMPLES) == 4
    plans = cache_plans_of(settings(f"{EXAMPLES[1]}{EXAMPLES[0]}"))
    assert {name: (plan.ttl, plan.stale, plan.scope) for name, plan in plans.items()} == {
        "auto": (3600, 0, "key"),
        "faq": (86_400, 604_800, "global"),
    }
    for example in EXAMPLES[2:]:
        assert cache_plans_of(settings(example))["auto"].keeps_sensitive
