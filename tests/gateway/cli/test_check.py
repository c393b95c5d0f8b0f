"""`tidegate check`: an operator sees what the file amounts to, or everything that is wrong with it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config.schema import json_schema
from tests.gateway.config.harness import BASE
from tests.router.specialists.prompts import OTHERS, SUPPORT


def test_a_good_file_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(BASE + "keys: [{name: dev, team: t, key: secret-secret-secret}]\n")
    assert main(["check", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f"OK {file}",
        "deployments",
        "  small  local  openai  local-model",
        "  large  cloud  openai  cloud-model",
        "routes",
        "  auto  any  small: small; large: large",
        "keys",
        "  dev  t  any",
        "warnings",
        f'  {file}:6: keys[0].key: the key stands here in the clear; write "${{NAME}}", or its hash',
    ]


def test_what_is_out_of_the_ordinary_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    home = "routes:\n  home: {small: [small]}\n"
    text = BASE.replace("model: local-model", "model: local-model, if_running: true").replace("routes:\n", home)
    file.write_text(text + "server: {anonymous: [home]}\n")
    assert main(["check", "--config", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  small  local  openai  local-model  if it runs" in lines
    assert lines[-2:] == ["without a key, from this machine only", "  home"]


def test_whose_policies_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    text = BASE.replace("large: [large]", "large: [large], policy: {rules: [{}]}")
    file.write_text(text + "policy: {preset: gdpr, rules: [{types: [IBAN]}, {types: [EMAIL]}]}\n")
    assert main(["check", "--config", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == [
        "policies, the strictest wins",
        "  file         gdpr       2 rules",
        "  routes.auto  no preset  1 rule",
    ]


def test_all_problems_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(BASE.replace("[small]", "[smal]").replace("zone: cloud", "zone: Cloud"))
    assert main(["check", "--config", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"{file}:3: deployments.large.zone: 'Cloud' is no zone name; write local, cloud, or a region such as eu",
        f"{file}:5: routes.auto.small[0]: there is no deployment 'smal'; did you mean 'small'?",
        "2 problems",
    ]


def test_a_missing_file_is_one_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(tmp_path / "no.yaml")]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "1 problem"


def test_without_a_file_the_shipped_one_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "REDIS_URL", "TIDEGATE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "none: `tidegate serve` makes one" in out
    assert "set OPENAI_API_KEY to use it" in out


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def checked(capsys: pytest.CaptureFixture[str], directory: Path, examples: list[str]) -> str:
    listed = "large: [large], specialists: [{name: faq, deployment: small, examples: faq.txt}]}"
    (directory / "faq.txt").write_text("\n".join(examples))
    (directory / "tidegate.yaml").write_text(BASE.replace("large: [large]}", listed))
    assert main(["check", "--config", str(directory / "tidegate.yaml")]) == 0
    return capsys.readouterr().out


def test_how_well_the_examples_hold_together(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = checked(capsys, tmp_path, SUPPORT)
    assert re.search(r"auto  faq  small  claims \d\d% of 28 examples left out in turn, 0\.[0-4]% of other prompts", out)
    assert "specialists: 'faq'" not in out


def test_examples_that_have_nothing_in_common_are_warned_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = checked(capsys, tmp_path, [*OTHERS, "What is the capital of Peru?", "Sort 3, 1, 2"])
    assert "routes.auto.specialists: 'faq' would claim only " in out
    assert "'faq' has 10 examples: from 20 on, these shares can be relied on" in out


def test_budgets_are_summed_up_and_doubts_about_them_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    keys = 'keys: [{name: dev, team: lab, hash: "sha256:' + "0" * 64 + '"}]\n'
    budgets = """\
budgets:
  all: {amount: "1000.50", period: month}
  lab: {amount: 5, rolling: 24h, team: lab, at_limit: stay-local}
  each: {amount: 1, period: day, each: key, hard: false}
"""
    file.write_text(BASE + keys + budgets)
    assert main(["check", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert "budgets\n" in out
    summed = [line.split() for line in out.partition("budgets\n")[2].splitlines()[:3]]
    assert summed == [
        ["all", "1000.5", "$", "month", "all", "together", "refuse"],
        ["lab", "5", "$", "last", "24h", "team", "lab", "stay-local"],
        ["each", "1", "$", "day", "each", "key", "counted", "only"],
    ]
    assert (
        f"{file}:3: deployments.large: its price is not known, so it is off for all whom a budget concerns: all, lab"
        in out
    )
