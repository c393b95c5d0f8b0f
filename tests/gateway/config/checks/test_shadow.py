"""A comparison that cannot be made, or whose outcome is lost, costs money for nothing: refused at the start."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

JUDGE = """
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: tiny}
  large: {zone: cloud, engine: openai, base_url: "https://a.example.com/v1", model: big, api_key: none}
  judge: {zone: eu, engine: openai, base_url: "https://b.example.com/v1", model: wise, api_key: none}
  asleep: {zone: eu, engine: openai, base_url: "https://b.example.com/v1", optional: true, api_key: ""}
keys:
  - {name: dev, hash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
routes:
"""
LEARNS = "learning: {enabled: true}"


def route(shadow: str, more: str = f"small: [small], large: [large], {LEARNS}") -> str:
    return f"{JUDGE}  x: {{{more}, shadow: {shadow}}}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (route("{judge: juge}"), "shadow.judge: there is no deployment 'juge'; did you mean 'judge'?"),
        (route("{judge: judge}", f"small: [small], {LEARNS}"), "shadow: there is nothing to compare"),
        (route("{judge: judge}", "small: [small], large: [large]"), "shadow: what the judge says would not be kept"),
        (route("{judge: judge, of: []}"), "shadow.of: names nobody"),
        (route("{judge: judge, of: [both]}"), "shadow.of[0]: must be 'small' or 'large'"),
        (route("{judge: judge, share: 0}"), "shadow.share: must be greater than 0"),
        (route("{judge: judge, share: 1.5}"), "shadow.share: must be less than or equal to 1"),
        (route("{judge: judge, budget: 0}"), "shadow.budget: must be greater than 0"),
        (route("{share: 0.1}"), "shadow.judge: is missing"),
        (
            route("{judge: judge}", f"small: [small], large: [large], locality: cloud+local, {LEARNS}"),
            "shadow: nothing could be compared: locality does not permit the judge's zone",
        ),
        (
            route("{judge: judge}", f"small: [small], large: [large], locality: eu+local, {LEARNS}"),
            "shadow: nothing could be compared: locality does not permit any large deployment's zone",
        ),
    ],
)
def test_bad_ones(text: str, problem: str) -> None:
    found = said(text)
    assert any(f"routes.x.{problem}" in line for line in found), found


def test_good_ones() -> None:
    for shadow in ("{judge: judge}", "{judge: judge, of: [small, large], both_orders: true, share: 0.1, budget: 2.50}"):
        assert not [warning for warning in loaded(route(shadow)).warnings if "shadow" in warning.path]
    assert loaded(f"{BASE}").settings.routes["auto"].shadow is None


@pytest.mark.parametrize(
    ("judge", "message"), [("asleep", "left out for want of a key"), ("large", "judges its own answers")]
)
def test_doubtful_ones_are_warned_of(judge: str, message: str) -> None:
    warnings = loaded(route(f"{{judge: {judge}}}")).warnings
    assert any(warning.path == "routes.x.shadow.judge" and message in warning.message for warning in warnings)
