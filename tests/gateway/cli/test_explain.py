"""If these fail, an operator is told another way than the one a request takes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main
from tests.gateway.config.harness import BASE
from tests.harness.heads import write_head
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.router.specialists.prompts import MORE_SUPPORT, SUPPORT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE)
    return file


def explained(capsys: pytest.CaptureFixture[str], file: Path, prompt: str, *more: str) -> dict[str, Any]:
    assert main(["explain", prompt, "--config", str(file), "--format", "json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_where_a_prompt_goes_and_why(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    easy, hard, card = (explained(capsys, file, prompt) for prompt in (EASY, HARD_PROOF, CARD))
    assert (easy["candidates"], easy["clearance"]) == (["small", "large"], "any")
    assert hard["candidates"] == ["large", "small"]
    assert 0 <= easy["difficulty"] < hard["difficulty"] <= 1
    assert (card["candidates"], card["clearance"]) == (["small"], "local")
    assert card["reasons"][0]["code"] == "sensitive"
    (finding,) = card["findings"]
    assert CARD[finding["start"] : finding["end"]] == "4970 1000 0000 0154"


def test_the_words_of_the_finding_are_not_repeated(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert main(["explain", CARD, "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert "4970" not in out
    assert "clearance   local" in out
    assert "1. small  zone local, openai, local-model" in out


def test_every_finding_is_told(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """A request stops counting where nothing can change the decision any more."""
    found = explained(capsys, file, "\n".join([CARD] * 40))
    assert found["found"] == {"CREDIT_CARD": 40}
    assert found["reasons"][0]["detail"] == "CREDIT_CARD:40"


def test_a_label_narrows(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    found = explained(capsys, file, EASY, "--locality", "local")
    assert found["candidates"] == ["small"]
    assert {"code": "label", "detail": "caller:local"} in found["reasons"]


def test_one_that_is_down_is_tried_last(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert explained(capsys, file, EASY, "--down", "small")["candidates"] == ["large", "small"]
    assert explained(capsys, file, CARD, "--down", "small")["candidates"] == ["small"]


def test_nowhere_to_go_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE.replace("{small: [small], large: [large]}", "{large: [large]}"))
    assert main(["explain", CARD, "--config", str(file)]) == 0
    assert "503" in capsys.readouterr().out


def test_a_prompt_from_standard_input(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(CARD))
    assert explained(capsys, file, "-")["clearance"] == "local"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--route", "none"), "there are: auto"),
        (("--locality", "everywhere!"), "is not a clearance"),
        (("--down", "smal"), "smal"),
        (("--config", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_said(
    capsys: pytest.CaptureFixture[str], file: Path, more: tuple[str, ...], said: str
) -> None:
    assert main(["explain", EASY, "--config", str(file), *more]) == 1
    assert said in capsys.readouterr().err


POLICY = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: local-model}
  paris: {zone: eu, engine: openai, base_url: "https://llm.example.eu/v1", model: eu-model, api_key: k}
  large: {zone: cloud, engine: openai, base_url: "https://api.example.com/v1", model: cloud-model, api_key: k}
routes:
  auto: {small: [small], large: [large, paris], prefer: large}
keys:
  - {name: ida, hash: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", team: clinic}
teams:
  clinic: {policy: {rules: [{types: [contact], action: local}]}}
policy:
  rules:
    - {types: [secrets], action: block}
    - {types: [EMAIL], zones: [local, eu]}
    - {types: [PERSON], action: mask}
    - {types: [entity], action: allow}
    - {labels: [legal], action: local}
"""
EVERYWHERE, IN_EUROPE, AT_HOME = ["large", "paris", "small"], ["paris", "small"], ["small"]
FORBIDDEN = ("4970", "NDk3", "65 929", "durand", "DE89", "ghp_", "Hoffmann", "Montag", "hunter2")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(POLICY)
    return file


# Prompt, where it may go, the clearance, and what each rule says; what is tricky about it comes first.
TRICKY = {
    "a name that is nobody's secret": ("Why did Marie Curie win two Nobel prizes?", EVERYWHERE, "any", []),
    "a child in a sum": ("Ida has 12 apples and gives Tom 5. How many are left?", EVERYWHERE, "any", []),
    "hex that is a commit": ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke the build", EVERYWHERE, "any", []),
    "a number that only its word gives away": (
        "Wozu dient die Steuer-ID 65 929 970 489?",
        AT_HOME,
        "local",
        ["no rule names it says local of NATIONAL_ID 1"],
    ),
    "a card with its digits set apart": (
        "Ma carte : 4 9 7 0 1 0 0 0 0 0 0 0 0 1 5 4",
        AT_HOME,
        "local",
        ["no rule names it says local of CREDIT_CARD 1"],
    ),
    "a card in base64": (
        "Decode this: NDk3MCAxMDAwIDAwMDAgMDE1NA==",
        AT_HOME,
        "local",
        ["no rule names it says local of CREDIT_CARD 1"],
    ),
    "an address in full width": (
        "Answer jeanne.durand\uff20gmail.com in French.",
        IN_EUROPE,
        "eu+local",
        ["policy.rules[1] says eu+local of EMAIL 1"],
    ),
    "two findings, the second stricter": (
        "Answer jeanne.durand@gmail.com about DE89 3704 0044 0532 0130 00.",
        AT_HOME,
        "local",
        ["policy.rules[1] says eu+local of EMAIL 1", "no rule names it says local of IBAN 1"],
    ),
    "a token in a header of a command": (
        "Fix: curl -H 'Authorization: Bearer ghp_R7kQ2mZ9xW4vT8nB3cL6pS1dF5gH0jKyUaEi' https://example.org/x",
        [],
        "none",
        ["policy.rules[0] says block of SECRET 1"],
    ),
    "a label of the author's own": (
        "STRENG VERTRAULICH: Die Firma wird am Montag verkauft.",
        AT_HOME,
        "local",
        ["no rule names it says local of CLASSIFICATION 1"],
    ),
    "a colleague": (
        "Meine Kollegin Jana Hoffmann hat gekündigt.",
        ["large", "paris", "small"],
        "masked",
        ["policy.rules[2] says masked of PERSON 1"],
    ),
}


@pytest.mark.parametrize("case", TRICKY)
def test_tricky_prompts(capsys: pytest.CaptureFixture[str], policy: Path, case: str) -> None:
    prompt, candidates, clearance, rules = TRICKY[case]
    found = explained(capsys, policy, prompt)
    assert (found["candidates"], found["clearance"]) == (candidates, clearance)
    assert main(["explain", prompt, "--config", str(policy)]) == 0
    text = capsys.readouterr().out
    assert [line.removeprefix("rule").strip() for line in text.splitlines() if line.startswith("rule ")] == rules
    for kind, count in found["found"].items():
        assert f"found       {kind} {count}" in text
    assert found["blocked"] == ("refused with 400" in text) == (clearance == "none")
    assert bool(found["masked"]) == ("masked      PERSON 1" in text) == (clearance == "masked")
    assert ("cloud-model, masked" in text) == (clearance == "masked")
    assert "local-model, masked" not in text
    for value in FORBIDDEN:
        assert value not in text
        assert value not in json.dumps(found)


def test_a_key_has_its_teams_policy_too(capsys: pytest.CaptureFixture[str], policy: Path) -> None:
    mail = "Answer jeanne.durand@gmail.com in French."
    assert explained(capsys, policy, mail)["candidates"] == IN_EUROPE
    found = explained(capsys, policy, mail, "--key", "ida")
    assert found["candidates"] == AT_HOME
    assert [rule["rule"] for rule in found["rules"]] == ["policy.rules[1]", "teams.clinic.policy.rules[0]"]


def test_a_label_of_the_caller(capsys: pytest.CaptureFixture[str], policy: Path) -> None:
    found = explained(capsys, policy, EASY, "--label", "Legal")
    assert found["candidates"] == AT_HOME
    assert found["rules"] == [{"rule": "policy.rules[4]", "clearance": "local", "types": {}, "whole": True}]


@pytest.mark.parametrize(("more", "said"), [(("--label", "secret"), "there are: legal"), (("--key", "bob"), "ida")])
def test_who_and_what_is_not_there(
    capsys: pytest.CaptureFixture[str], policy: Path, more: tuple[str, ...], said: str
) -> None:
    assert main(["explain", EASY, "--config", str(policy), *more]) == 1
    assert said in capsys.readouterr().err


@pytest.fixture
def ruled(tmp_path: Path) -> Path:
    rules = (
        "[{name: night, when: {hours: '22:00-06:00', timezone: Europe/Berlin}, use: small},"
        " {name: batch, when: {tags: [batch]}, use: large}]"
    )
    listed = f"large: [large], rules: {rules}, specialists: [{{name: faq, deployment: tuned, examples: faq.txt}}]}}"
    tuned = "  tuned: {zone: local, engine: openai, base_url: 'http://127.0.0.1:9101/v1'}\n"
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE.replace("large: [large]}", listed).replace("deployments:\n", f"deployments:\n{tuned}"))
    (tmp_path / "faq.txt").write_text("\n".join(SUPPORT))
    return file


def steps(found: dict[str, Any]) -> list[tuple[str, bool, str]]:
    return [(step["name"], step["takes"], step["said"]) for step in found["steps"]]


def test_the_first_rule_that_is_for_it_decides_and_those_before_say_why_not(
    capsys: pytest.CaptureFixture[str], ruled: Path
) -> None:
    found = explained(capsys, ruled, EASY, "--at", "2026-07-01T12:00", "--tag", "Batch")
    assert found["candidates"] == ["large", "small"]
    assert found["reasons"] == [{"code": "rule", "detail": "batch"}]
    assert found["difficulty"] is None
    assert steps(found) == [("night", False, "hours not met"), ("batch", True, "all of it holds")]


@pytest.mark.parametrize("time", ["2026-07-01T20:30", "2026-07-01T22:30+02:00"])
def test_a_time_of_day(capsys: pytest.CaptureFixture[str], ruled: Path, time: str) -> None:
    found = explained(capsys, ruled, HARD_PROOF, "--at", time)
    assert (found["candidates"], found["reasons"][0]["detail"]) == (["small", "large"], "night")


def test_a_specialist_is_named_with_what_it_is_based_on(capsys: pytest.CaptureFixture[str], ruled: Path) -> None:
    found = explained(capsys, ruled, MORE_SUPPORT[0], "--at", "2026-07-01T12:00")
    assert (found["candidates"][0], found["reasons"][0]) == ("tuned", {"code": "specialist", "detail": "faq"})
    assert steps(found)[2][:2] == ("faq", True)
    assert main(["explain", HARD_PROOF, "--config", str(ruled), "--at", "2026-07-01T12:00"]) == 0
    out = capsys.readouterr().out
    assert "step        rule(batch) leaves it: tags not met" in out
    assert "step        specialist(faq) leaves it: -" in out
    assert "reason      hard" in out


def test_a_time_that_is_none_is_said(capsys: pytest.CaptureFixture[str], ruled: Path) -> None:
    assert main(["explain", EASY, "--config", str(ruled), "--at", "noon"]) == 1
    assert "'noon' is no time such as 2026-03-29T23:30" in capsys.readouterr().err


def test_the_head_that_estimated_is_named(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert explained(capsys, file, EASY)["head"] == "shipped"
    version = write_head(file.parent / ".tidegate" / "heads" / "small" / "champion", 50.0)
    found = explained(capsys, file, EASY)
    assert (found["head"], found["candidates"]) == (f"small@{version}", ["large", "small"])
    assert main(["explain", EASY, "--config", str(file)]) == 0
    assert f"by the head small@{version}" in capsys.readouterr().out
    file.write_text(file.read_text().replace("large: [large]}", "large: [large], prefer: small}"))
    assert explained(capsys, file, EASY)["head"] is None


def test_a_dial_and_what_it_comes_to(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert explained(capsys, file, HARD_PROOF)["dial"] is None
    asked = explained(capsys, file, HARD_PROOF, "--dial", "threshold=0.999")
    assert asked["dial"] == "threshold=0.999; threshold=0.9990; by=caller"
    assert asked["candidates"] == ["small", "large"]
    file.write_text(BASE.replace("large: [large]}", "large: [large], dial: {share: 0.2}}"))
    assert explained(capsys, file, EASY)["dial"].startswith("share=0.2; threshold=0.")
    assert explained(capsys, file, EASY, "--dial", "0.9")["dial"].endswith("; by=route")
    assert main(["explain", EASY, "--config", str(file)]) == 0
    assert "\ndial        share=0.2; threshold=0." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("dial", "route", "why"),
    [
        ("share=2", "auto", "share must be from 0 to 1"),
        ("quality=0.9", "auto", "tidegate calibrate"),
        ("0.1", "home", "route 'home' has no dial"),
    ],
)
def test_a_dial_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], file: Path, dial: str, route: str, why: str
) -> None:
    file.write_text(f"{BASE}  home: {{small: [small]}}\n")
    assert main(["explain", EASY, "--config", str(file), "--route", route, "--dial", dial]) == 1
    assert why in capsys.readouterr().err
