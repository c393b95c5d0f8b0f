"""A team's policy that cannot be followed is refused where it stands."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

KEYS = "keys: [{name: a, key: '${A}', team: hr}]\n"
A = {"A": "abcdefghijklmnopq"}


@pytest.mark.parametrize(
    ("team", "problem"),
    [
        ("{locality: home+}", "hr.locality: 'home+' is no clearance"),
        ("{locality: asia}", "hr.locality: no deployment is in zone 'asia'"),
        ("{region: Europe!}", "hr.region: 'Europe!' is no region"),
        ("{policy: {rules: [{types: []}]}}", "hr.policy.rules[0].types: names no type of finding"),
        ("{polcy: {}}", "hr.polcy: unknown key 'polcy'; did you mean 'policy'?"),
    ],
)
def test_bad_ones(team: str, problem: str) -> None:
    (found,) = said(f"{BASE}{KEYS}teams:\n  hr: {team}\n", A)
    assert found.startswith(f":8: teams.{problem}")


def test_a_name_that_no_key_can_have() -> None:
    (found,) = said(f"{BASE}{KEYS}teams:\n  h r: {{}}\n", A)
    assert found.startswith(":8: teams.h r: 'h r' is no name")


def test_good_ones() -> None:
    text = f"{BASE}{KEYS}teams:\n  hr: {{locality: cloud+local, region: eu-1, policy: {{preset: health}}}}\n"
    assert loaded(text, A).warnings == ()


def test_a_team_of_nobody_is_likely_misspelt() -> None:
    (warning,) = loaded(f"{BASE}{KEYS}teams:\n  hrr: {{}}\n", A).warnings
    assert str(warning).endswith("teams.hrr: no key here belongs to this team; did you mean 'hr'?")


def test_a_team_of_keys_that_are_made_at_run_time_is_no_mistake() -> None:
    assert loaded(f"{BASE}{KEYS}teams:\n  clinic: {{locality: local}}\n", A).warnings == ()
