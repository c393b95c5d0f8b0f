"""If these fail, what costs money or leaves the house is open to callers without a key."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import loaded, said

BASE = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: m}
  large: {zone: cloud, engine: openai, base_url: "https://api.example.com/v1", model: m, api_key: k}
  asleep: {zone: eu, engine: openai, base_url: "https://api.example.eu/v1", model: m, optional: true}
routes:
  auto: {small: [small], large: [large]}
  home: {small: [small]}
  narrowed: {small: [small], large: [large], locality: local}
  sleepy: {small: [small], large: [asleep]}
  vectors: {embeddings: [large]}
  compared: {small: [small], large: [small], shadow: {judge: large}, learning: {enabled: true}}
"""
KEY = 'keys:\n  - {name: anonymous, key: "${K}"}\n'


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (
            "[auto]",
            "[0]: route 'auto' leads out of the house, to large; list routes whose deployments are all in zone local",
        ),
        ("[home, narrowed]", "[1]: route 'narrowed' leads out of the house, to large"),
        ("[sleepy]", "[0]: route 'sleepy' leads out of the house, to asleep"),
        ("[vectors]", "[0]: route 'vectors' leads out of the house, to large"),
        ("[compared]", "[0]: route 'compared' leads out of the house, to large"),
        ("[hone]", "[0]: there is no route 'hone'; did you mean 'home'?"),
        ("[home, home]", "[1]: 'home' is listed twice"),
        ("home", ": must be a list"),
    ],
)
def test_bad_ones(names: str, problem: str) -> None:
    (found,) = said(f"{BASE}server:\n  anonymous: {names}\n")
    assert found.startswith(f":13: server.anonymous{problem}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_good_ones_give_no_warning(host: str) -> None:
    found = loaded(f'{BASE}server: {{anonymous: [home], host: "{host}"}}\n')
    assert found.settings.server.anonymous == ("home",)
    assert [warning.path for warning in found.warnings] == ["deployments.asleep"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "gateway.lan"])  # noqa: S104
def test_whoever_listens_to_others_is_warned(host: str) -> None:
    found = loaded(f'{BASE}server: {{anonymous: [home], host: "{host}"}}\n')
    assert "listens to other machines" in found.warnings[-1].message
    assert [w.path for w in loaded(f'{BASE}server: {{host: "{host}"}}\n').warnings] == ["deployments.asleep"]


def test_the_name_is_taken_where_there_are_such_callers() -> None:
    environ = {"K": "tg-abcdefghijklmnopqrstuvwxyz"}
    assert said(f"{BASE}{KEY}", environ) == []
    (found,) = said(f"{BASE}{KEY}server: {{anonymous: [home]}}\n", environ)
    assert found == ":13: keys[0].name: 'anonymous' stands for callers without a key; rename it"
