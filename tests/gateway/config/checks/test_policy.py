"""A policy that does not mean what its author thinks is one that leaks."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, said


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("[{clearance: home+}]", "[0].clearance: 'home+' is no clearance"),
        ("[{types: []}]", "[0].types: names no type of finding"),
        ("[{types: [email]}]", "[0].types[0]: 'email' is no type of finding; write it like EMAIL, or '*'"),
        ("[{types: EMAIL}]", "[0].types: must be a list, not 'EMAIL'; write [a, b]"),
        ("[{}, {types: [EMAIL]}]", "[1]: is never reached; put it before rule 1, which takes every finding"),
        ("[{confidence: 1.5}]", "[0].confidence: must be less than or equal to 1, not '1.5'"),
    ],
)
def test_bad_ones(rules: str, problem: str) -> None:
    (found,) = said(f"{BASE}policy: {{rules: {rules}}}\n")
    assert found.startswith(f":6: policy.rules{problem}")


@pytest.mark.parametrize(
    "rules",
    ["[]", "[{types: [EMAIL, IBAN], clearance: masked}, {}]", "[{confidence: 0.9}, {types: [EMAIL]}]"],
)
def test_good_ones(rules: str) -> None:
    assert said(f"{BASE}policy: {{rules: {rules}}}\n") == []
