"""If these fail, an operator copies an example from docs/resilience.md that is refused, or that says nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.retrying import Breaking, Health, Retries
from tests.gateway.config.harness import loaded

PAGE = (Path(__file__).parents[1] / "docs" / "resilience.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(deployments:.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(example: str) -> None:
    assert loaded(example, {"API_KEY": "k"}).settings.routes


def test_what_the_page_calls_defaults_are_the_defaults() -> None:
    (example,) = (each for each in EXAMPLES if "retries:" in each)
    assert loaded(example, {"API_KEY": "k"}).settings.routes["auto"].retries == Retries()
    assert f"`breaker.failures` times in a row ({Breaking().failures})" in PAGE
    assert f"`breaker.pause` seconds ({Breaking().pause:g})" in PAGE
    assert Health().every is None
