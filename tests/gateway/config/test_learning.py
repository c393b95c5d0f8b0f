"""What is kept to learn from: nothing, unless a route says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.learning import Learning, RouteLearning
from tests.gateway.config.harness import BASE, loaded

PAGE = (Path(__file__).parents[3] / "docs" / "learning.md").read_text()
SECTION = re.findall(r"^## Feedback\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[0]


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL))
def test_the_examples_of_the_page_load_without_a_warning(example: str) -> None:
    found = loaded(example, {"OPENAI_API_KEY": "sk-0123456789abcdef"})
    assert found.warnings == ()
    assert found.settings.routes["auto"].learning.enabled


def test_by_default_nothing_is_kept() -> None:
    learning = loaded(BASE).settings.routes["auto"].learning
    assert not learning.enabled
    assert not learning.capture


def test_one_setting_switches_it_on_for_a_route() -> None:
    settings = loaded(f"{BASE}  other: {{small: [small], large: [large], learning: {{enabled: true}}}}\n").settings
    assert settings.routes["other"].learning == RouteLearning(enabled=True)
    assert not settings.routes["auto"].learning.enabled
    assert settings.learning == Learning()
    assert settings.learning.zone == "local"
