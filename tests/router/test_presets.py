"""If these fail, a preset lets go what its page says it keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from router.clearance import ANY, LOCAL, Clearance
from router.content import Content, Opaque
from router.families import FAMILIES, TYPES, types_of
from router.policy import Policy
from router.presets import PRESETS
from router.sensitivity.finding import Finding, Scan

NOTHING = Content(())
EU, MASKED = Clearance.parse("eu+local"), Clearance.parse("masked")
PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text().partition("\n## Presets\n")[2]


def clearance(preset: str, *types: str) -> Clearance:
    findings = tuple(Finding(0, 0, 4, kind, 0.6) for kind in types)
    return Policy(PRESETS[preset]).judge(NOTHING, Scan(findings)).clearance


def said(preset: str) -> dict[str, Clearance]:
    """Each type and what the page says of it."""
    (row,) = re.findall(rf"^\| `{preset}` \|(.*)\|$", PAGE, re.MULTILINE)
    found: dict[str, Clearance] = {}
    rest = None
    for cell, outcome in zip(row.split("|"), (LOCAL, EU, MASKED, ANY), strict=True):
        if "everything else" in cell:
            rest = outcome
        for name in types_of(re.findall(r"`(\w+)`", cell)):
            found.setdefault(name, outcome)
    if rest is not None:
        found |= {name: rest for name in TYPES if name not in found}
    return found


@pytest.mark.parametrize("preset", ["gdpr", "health", "finance", "secrets-only"])
def test_each_type_travels_as_the_page_says(preset: str) -> None:
    assert {name: clearance(preset, name) for name in TYPES} == said(preset)


@pytest.mark.parametrize("preset", PRESETS)
def test_none_lets_secrets_go_nor_labels_nor_what_it_does_not_know(preset: str) -> None:
    for name in (*FAMILIES["secrets"], "CLASSIFICATION", "OUR_PROJECTS"):
        assert clearance(preset, name) == LOCAL


@pytest.mark.parametrize("preset", PRESETS)
def test_none_excuses_doubt(preset: str) -> None:
    policy = Policy(PRESETS[preset])
    assert policy.judge(NOTHING, Scan((), ("names",))).clearance == LOCAL
    assert policy.judge(Content((), (Opaque("messages[0]", "image"),)), Scan(())).clearance == LOCAL


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"everything-local"}))
def test_without_a_finding_there_is_nothing_to_keep(preset: str) -> None:
    assert clearance(preset) == ANY


def test_everything_is_everything() -> None:
    assert clearance("everything-local") == LOCAL
    assert clearance("everything-local", "NAMED_ENTITY") == LOCAL


def test_the_strictest_of_several_findings_decides() -> None:
    assert clearance("gdpr", "EMAIL", "NAMED_ENTITY") == EU
    assert clearance("gdpr", "EMAIL", "HEALTH") == LOCAL
    assert clearance("finance", "EMAIL", "IBAN") == Clearance.parse("masked:local")
    assert clearance("secrets-only", "EMAIL", "HEALTH", "SECRET") == LOCAL
