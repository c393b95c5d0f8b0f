"""If these fail, an operator learns only from refused requests, or from a bill, what a budget could not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.pipeline.doubts import budget_doubts

TEXT = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: tiny}
  owned: {zone: cloud, engine: openai, base_url: "https://a.example.com/v1", model: gpt-4o, api_key: k}
  known: {zone: cloud, engine: openai, base_url: "https://api.openai.com/v1", model: gpt-4o, api_key: k}
  priced:
    zone: cloud
    engine: openai
    base_url: "https://a.example.com/v1"
    model: big
    api_key: k
    price: {tokens: {input: 1, output: 2}}
routes:
  auto: {small: [small], large: [known]}
  own: {large: [owned]}
  priced: {large: [priced]}
keys:
  - {name: dev, hash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
"""


def warnings(directory: Path, text: str) -> list[str]:
    file = directory / "tidegate.yaml"
    file.write_text(text)
    found = load(file, environ={}, doubts=budget_doubts).warnings
    return [str(warning).removeprefix(str(file)) for warning in found]


def test_a_file_without_budgets_leaves_no_doubts(tmp_path: Path) -> None:
    assert warnings(tmp_path, TEXT) == []
    assert warnings(tmp_path, TEXT + "budgets:\n  b: {amount: 1, period: day, hard: false}\n") == []


def test_what_a_budget_cannot_hold_is_said_with_its_line(tmp_path: Path) -> None:
    """A model that the price map knows has a price, and a longest answer."""
    assert warnings(tmp_path, TEXT + "budgets:\n  b: {amount: 1, period: day}\n") == [
        ":3: deployments.owned: its price is not known, so it is off for all whom a budget concerns: b; "
        "give it a price, or write unpriced: allow",
        ":15: routes.priced: nobody says how long an answer of priced can get: budgets hold 32,768 tokens for one, and "
        "a longer one would pass them; set max_tokens, such as 2000",
    ]


@pytest.mark.parametrize(
    ("budget", "places"),
    [
        ("amount: 1, period: day, route: auto", []),
        ("amount: 1, period: day, route: own", [":3"]),
        ("amount: 1, period: day, route: priced", [":15"]),
        ("amount: 1, period: day, key: dev, unpriced: allow", [":15"]),
    ],
)
def test_only_where_the_budget_holds(tmp_path: Path, budget: str, places: list[str]) -> None:
    found = warnings(tmp_path, f"{TEXT}budgets:\n  b: {{{budget}}}\n")
    assert [line.partition(" ")[0].removesuffix(":") for line in found] == places


def test_a_bound_of_the_route_settles_it(tmp_path: Path) -> None:
    bounded = TEXT.replace("large: [priced]}", "large: [priced], max_tokens: 2000}")
    assert warnings(tmp_path, bounded + "budgets:\n  b: {amount: 1, period: day, route: priced}\n") == []
