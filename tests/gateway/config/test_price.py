"""docs/costs.md: what it shows of prices can be pasted."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from gateway.config.load import load
from gateway.config.price import PriceList, TokenPrice
from gateway.config.shape import kinds, settings_of
from tests.gateway.config.harness import BASE

PAGE: Final = (Path(__file__).parents[3] / "docs" / "costs.md").read_text()
EXAMPLES: Final = [dedent(text) for text in re.findall(r"^ *```yaml\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)]
WHOLE: Final = [text for text in EXAMPLES if "routes:" in text]
FILES: Final = [text for text in EXAMPLES if text.startswith("since:")]


def test_there_are_examples_of_each_kind() -> None:
    assert WHOLE
    assert FILES


@pytest.mark.parametrize("example", WHOLE)
def test_configurations_load_without_a_warning(example: str, tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(example)
    assert load(file, environ={"LARGE_KEY": "k"}).warnings == ()


@pytest.mark.parametrize("example", FILES)
def test_price_files_are_read(example: str, tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "december.yaml").write_text(example)
    (tmp_path / "tidegate.yaml").write_text(BASE + "prices: prices\n")
    (dated,) = load(tmp_path / "tidegate.yaml", environ={}).prices
    assert dated.models["openai/gpt-4o"].output == 8
    assert dated.deployments["small"].machine is not None


def test_the_page_names_every_rate_and_fee() -> None:
    told = set(re.findall(r"`(\w+)[`:]", PAGE))
    assert set(kinds(TokenPrice)) <= told


@pytest.mark.parametrize("text", ["above: {200000: {input: 5}}", "tiers: {flex: {input: 1.25, output: 5}}"])
def test_what_stands_in_its_tables_is_a_setting(text: str, tmp_path: Path) -> None:
    (tmp_path / "now.yaml").write_text(f"since: 2026-01-01\nmodels: {{m: {{input: 2, output: 8, {text}}}}}\n")
    (tmp_path / "tidegate.yaml").write_text(BASE + "prices: now.yaml\n")
    assert load(tmp_path / "tidegate.yaml", environ={}).prices[0].models["m"].input == 2


def test_a_price_list_needs_a_date() -> None:
    with pytest.raises(ValueError, match="since"):
        settings_of(PriceList, {"models": {}})
