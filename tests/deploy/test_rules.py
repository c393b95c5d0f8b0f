"""If these fail, nobody is woken when something is wrong, or somebody is when nothing is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import BadDay

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
CASES = Path(__file__).parent / "rules_cases.yml"

RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]


def test_promtool_accepts_rules_and_configuration(promtool: Callable[..., str]) -> None:
    assert f"{len(RULES)} rules found" in promtool("check", "rules", PROMETHEUS / "rules.yml")
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_alerts_fire_when_they_should_and_only_then(promtool: Callable[..., str]) -> None:
    assert "SUCCESS" in promtool("test", "rules", CASES)


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]
    fires = {case["alertname"] for case in cases if case.get("exp_alerts")}
    silent = {case["alertname"] for case in cases if not case.get("exp_alerts")}
    assert fires == silent == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_an_expression_has_data_on_a_bad_day(rule: dict[str, Any], bad_day_seen: BadDay) -> None:
    assert bad_day_seen.values(rule["expr"])


def test_every_rule_is_on_the_page_on_monitoring() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text()
    assert [rule["record"] for rule in RULES if "record" in rule and f"`{rule['record']}`" not in page] == []
    for rule in ALERTS:
        assert f"| `{rule['alert']}` | {rule['labels']['severity']} |" in page
        assert rule["annotations"]["summary"].endswith((".", "?")), rule["alert"]
