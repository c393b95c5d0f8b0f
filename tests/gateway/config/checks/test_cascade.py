"""A cascade that could never do anything is refused at the start, with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.config.cascade import Cascade
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from router.cascade.features import FEATURE_NAMES
from router.cascade.head import Head
from tests.gateway.config.harness import BASE, loaded, said

ROUTE = "  auto: {small: [small], large: [large]}"


def refused(route: str) -> list[str]:
    return said(BASE.replace(ROUTE, f"  auto: {{{route}}}"))


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("small: [small], large: [large], cascade: {band: [0.6, 0.4]}", "write [0.35, 0.65]"),
        ("small: [small], large: [large], cascade: {band: [0.4]}", "write [0.35, 0.65]"),
        ("small: [small], large: [large], cascade: {band: [0.4, 0.5, 0.6]}", "write [0.35, 0.65]"),
        ("small: [small], cascade: {}", "needs deployments under small and under large"),
        ("small: [small], large: [large], prefer: small, cascade: {}", "never applies: `prefer: small`"),
        ("small: [small], large: [large], cascade: {head: nowhere}", "card.json: cannot be read"),
        ("small: [small], large: [large], cascade: {samples: 3}", "less than or equal to 2"),
        ("small: [small], large: [large], cascade: {holds: 3}", "hold"),
    ],
)
def test_refused_with_its_line(route: str, message: str) -> None:
    problems = refused(route)
    assert len(problems) == 1
    assert problems[0].startswith(":5:")
    assert message in problems[0]


def test_what_can_work_loads() -> None:
    assert refused("small: [small], large: [large], cascade: {}") == []
    assert refused("small: [small], large: [large], cascade: {band: [0, 1], hold: 0.5, samples: 2}") == []


def with_head(directory: Path, card: dict[str, Any], *, knows: bool = True) -> Loaded:
    size = len(FEATURE_NAMES)
    Head([0.0] * size, [0.0] * size, [1.0] * size, 0.0, knows, card).save(directory / "head")
    deployment = {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:9101/v1", "model": "m"}
    route = {"small": ["small"], "large": ["large"], "cascade": {"head": "head"}}
    file = directory / "tidegate.yaml"
    file.write_text(json.dumps({"deployments": {"small": deployment, "large": deployment}, "routes": {"auto": route}}))
    return load(file, environ={})


def test_a_head_of_another_deployment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"was fitted on answers of 'other'.*fit one for small"):
        with_head(tmp_path, {"deployment": "other"})


def test_a_head_that_knows_nothing_is_told_of(tmp_path: Path) -> None:
    assert with_head(tmp_path, {"deployment": "small"}).warnings == ()
    (warning,) = with_head(tmp_path, {"deployment": "small"}, knows=False).warnings
    assert "knows nothing" in str(warning)


def test_the_example_of_its_page_loads() -> None:
    page = (Path(__file__).parents[4] / "docs" / "cascade.md").read_text()
    section = page
    (example,) = re.findall(r"^```yaml\n(.*?)^```", section.partition("\n## ")[0] + "\n", re.DOTALL | re.MULTILINE)
    assert loaded(example).settings.routes["auto"].cascade == Cascade()
