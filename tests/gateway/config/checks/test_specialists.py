"""A specialist that is not there, or twice, gets nothing without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from tests.gateway.config.harness import BASE

GOOD = "{name: faq, deployment: small, examples: faq.txt}"


def problems(directory: Path, listed: str, base: str = BASE) -> list[str]:
    (directory / "faq.txt").write_text("\n".join(f"How do I do thing number {number}?" for number in range(12)))
    file = directory / "tidegate.yaml"
    file.write_text(base.replace("large: [large]}", f"large: [large], specialists: {listed}}}"))
    try:
        load(file, environ={})
    except ConfigurationError as error:
        return [str(problem).removeprefix(str(file)) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        (f"[{GOOD}, {GOOD}]", "[1].name: 'faq' is the name of two specialists; rename one"),
        (
            "[{name: f q, deployment: small, examples: faq.txt}]",
            "[0].name: 'f q' is no name; letters, digits and . _ -",
        ),
        (
            "[{name: faq, deployment: smal, examples: faq.txt}]",
            "[0].deployment: there is no deployment 'smal'; did you mean 'small'?",
        ),
        ("[{name: faq, deployment: small}]", "[0].examples: is missing"),
        (
            "[{name: faq, deployment: small, examples: faq.txt, false_claims: 0.5}]",
            "[0].false_claims: must be less than or equal to 0.05, not '0.5'",
        ),
        (f"[{', '.join(GOOD.replace('faq,', f'f{n},') for n in range(33))}]", ": are 33; 32 at most"),
    ],
)
def test_bad_ones(tmp_path: Path, listed: str, problem: str) -> None:
    (found,) = problems(tmp_path, listed)
    assert found.startswith(f":5: routes.auto.specialists{problem}")


def test_good_ones(tmp_path: Path) -> None:
    assert (
        problems(tmp_path, f"[{GOOD}, {{name: other, deployment: large, examples: faq.txt, false_claims: 0.01}}]") == []
    )


def test_a_route_without_text_has_none(tmp_path: Path) -> None:
    base = BASE.replace("small: [small], large", "embeddings: [small], large").replace(
        "large: [large]}", "large: [large]}"
    )
    found = problems(tmp_path, f"[{GOOD}]", base.replace(", large: [large]}", f", specialists: [{GOOD}]}}"))
    assert found == [
        ":5: routes.auto.specialists: mean nothing on a route that answers no text; "
        "list deployments under small or large for everything else"
    ]


def test_a_rule_may_name_the_deployment_of_a_specialist(tmp_path: Path) -> None:
    base = BASE.replace(
        "deployments:\n", "deployments:\n  tuned: {zone: local, engine: openai, base_url: 'http://127.0.0.1:1/v1'}\n"
    )
    listed = "[{name: faq, deployment: tuned, examples: faq.txt}], rules: [{name: a, when: {tags: [faq]}, use: tuned}]"
    assert problems(tmp_path, listed, base) == []


def test_a_route_for_callers_without_a_key_leads_nowhere_but_home(tmp_path: Path) -> None:
    base = BASE.replace("large: [large]}", "specialists: [{name: faq, deployment: large, examples: faq.txt}]}")
    (found,) = problems(tmp_path, "", f"{base}server: {{anonymous: [auto]}}\n")
    assert "leads out of the house, to large" in found
