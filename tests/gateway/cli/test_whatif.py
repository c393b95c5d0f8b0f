"""`tidegate whatif` answers from the ledger alone, says what it assumes, and refuses what it cannot answer."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.usage import Usage
from gateway.cli.main import main
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

CONFIGURATION = """
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: tiny,
          price: {machine: {per_hour: 1}}}
  large: {zone: cloud, engine: openai, base_url: "http://127.0.0.1:9102/v1", model: big, api_key: none,
          price: {tokens: {input: 10, output: 50}}}
routes:
  auto: {small: [small], large: [large]}
  home: {small: [small]}
ledger: {url: "sqlite:///ledger.db"}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A hundred requests of rising difficulty, half of them answered at home."""
    path = tmp_path / "tidegate.yaml"
    path.write_text(CONFIGURATION)
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    records = []
    for place in range(100):
        difficulty, large = place / 100, place >= 50
        where = {} if large else {"deployment": "small", "zone": "local", "model": "tiny"}
        begun = intent(f"a{place}", difficulty=difficulty, reason="hard" if large else "easy", **where)
        cost = Decimal("0.015") if large else Decimal("0.0002")
        records.append(
            settlement(begun, usage=Usage(1000, 100), cost=cost, counterfactual=Decimal("0.015"), at=NOON + place)
        )
    apply(ledger, records)
    ledger.close()
    return path


def whatif(config: Path, *words: str) -> int:
    return main(["whatif", "--config", str(config), *words])


def test_several_dials(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert whatif(config, "--dial", "threshold=0.8,0.2", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["large"], one["spent"], one["saved"]) for one in found["outcomes"]] == [
        ("as it was", 0.5, "0.76", "0.74"),
        ("threshold=0.8", 0.2, "0.316", "1.184"),  # 20 × 0.015 + 80 × 0.0002
        ("threshold=0.2", 0.8, "1.204", "0.296"),
    ]
    assert any("on the 100 requests that difficulty decided" in text for text in found["assumed"])
    assert any("a token of an answer of small costs 0.000002 $" in text for text in found["assumed"])


def test_the_table_says_what_it_assumes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert whatif(config, "--dial", "threshold=0.8", "--cache", "0.5", "--against", "gpt-4o") == 0
    said = capsys.readouterr().out
    assert said.startswith("What was asked of auto: 100 requests, in dollars\n")
    assert "threshold=0.8, cache 0.5  20.0%  0.1580  0.1580 to 0.1580  0.3500" in said
    assert "- another model would have written as many tokens: too few questions were put to both" in said
    assert "- a cache answers all requests alike" in said


def test_other_models_and_no_cache(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert whatif(config, "--large", "gpt-4o-mini", "--cache", "off", "--json") == 0
    _, found = json.loads(capsys.readouterr().out)["outcomes"]
    assert found["name"] == "large gpt-4o-mini, no cache"
    assert found["spent"] == "0.0205"  # 50 × (1,000 × 0.15 + 100 × 0.60) / 1,000,000 + 50 × 0.0002


def test_a_period(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert whatif(config, "--cache", "off", "--to", "2026-05-28T20:27:30Z", "--json") == 0  # 50 s after the first
    assert json.loads(capsys.readouterr().out)["outcomes"][0]["requests"] == 50


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "say what would be different"),
        (("--route", "home", "--dial", "0.1"), "no route 'home' with small and large deployments"),
        (("--dial", "0.1", "--from", "2027-01-01"), "nothing was asked of 'auto' in that time"),
        (("--large", "gpt-nothing"), "no price is known for 'gpt-nothing'"),
        (("--dial", "quality=0.9"), "quality=0.9"),
        (("--dial", "colour=1"), "a dial is one of"),
        (("--cache", "off", "--ledger", "mysql://u:secret@h/d"), "no ledger on mysql"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert whatif(config, *words) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "secret" not in said.err
    assert said.out == ""
