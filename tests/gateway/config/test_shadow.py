"""If these fail, what an operator writes about shadow evaluation is read as something else."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.load import version_of
from gateway.config.shadow import Shadow
from tests.gateway.config.harness import BASE, loaded

PAGE = (Path(__file__).parents[3] / "docs" / "learning.md").read_text()
SECTION = PAGE.partition("\n## Shadow evaluation and labels\n")[2].partition("\n## ")[0]
KEYS = 'keys:\n  - {name: dev, key: "${TIDEGATE_KEY}"}\n'
NAMES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "TIDEGATE_KEY")
SHADOW = "shadow: {judge: large, budget: 0.1}"


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE))
def test_the_example_on_the_page_loads(example: str) -> None:
    environment = dict.fromkeys(NAMES, "tg-0123456789abcdef0123456789abcdef")
    found = loaded(KEYS + example, environment)
    assert found.warnings == ()
    assert found.settings.routes["auto"].shadow is not None


def test_it_is_off_unless_somebody_says_so_and_small_if_they_say_no_more() -> None:
    assert loaded(BASE).settings.routes["auto"].shadow is None
    plain = Shadow(judge="judge")
    assert (plain.share, plain.of, plain.both_orders, plain.budget) == (0.02, ("small",), False, Decimal(1))


def test_money_is_read_as_it_is_written_and_routing_is_the_same() -> None:
    """So the answer cache goes on as it was."""
    with_it = BASE.replace("large: [large]}", f"large: [large], learning: {{enabled: true}}, {SHADOW}}}")
    found = loaded(with_it).settings
    shadow = found.routes["auto"].shadow
    assert shadow is not None
    assert shadow.budget == Decimal("0.1")
    assert version_of(found) == version_of(loaded(BASE).settings)
