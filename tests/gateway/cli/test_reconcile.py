"""`tidegate reconcile` is run by a script at the end of the month: its exit status is what the script goes by."""

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
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: tiny}
  large: {zone: cloud, engine: openai, base_url: "https://api.openai.com/v1", model: gpt-4o, api_key: none}
  other: {zone: cloud, engine: openai, base_url: "https://models.example.com/v1", model: gpt-4o, api_key: none}
routes:
  auto: {small: [small], large: [large, other]}
ledger: {url: "sqlite:///ledger.db"}
"""
BILL = """\
start_time,start_time_iso,amount_value,amount_currency,line_item
,2026-05-28T00:00:00+00:00,0.006,usd,"gpt-4o-2024-08-06, input"
,2026-05-28T00:00:00+00:00,0.004,usd,"gpt-4o-2024-08-06, output"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(CONFIGURATION)
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    apply(ledger, [
        settlement("a1", usage=Usage(10, 5), cost=Decimal("0.01")),
        settlement(intent("a2", deployment="other"), cost=Decimal(7), at=NOON + 1),
    ])  # fmt: skip
    ledger.close()
    return path


def reconcile(config: Path, text: str, *words: str) -> int:
    bill = config.parent / "bill.csv"
    bill.write_text(text)
    return main(["reconcile", str(bill), "--config", str(config), *words])


def test_what_agrees_ends_with_0(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The statement is OpenAI's, so only what OpenAI serves is compared with it."""
    assert reconcile(config, BILL) == 0
    assert capsys.readouterr().out == "1 of 1 days and models agree.\n"


def test_what_differs_ends_with_1(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reconcile(config, BILL.replace("0.004", "0.005"), "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["lines"][0]["cost"] == {"ledger": "0.01", "statement": "0.011", "difference": "-0.001"}
    assert reconcile(config, BILL, "--deployment", "large", "--deployment", "other", "--format", "csv") == 1
    assert "differs,7.01,0.01,7,0" in capsys.readouterr().out
    assert reconcile(config, BILL.replace("0.004", "0.0041"), "--tolerance", "0.01") == 0


def test_any_csv(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "Date;Calls,Model,USD\n2026-05-28,m1,7.01\n".replace(";Calls", "")
    words = ("--columns", "day=Date,model=Model,cost=USD", "--model", "m1=gpt-4o")
    assert reconcile(config, text, *words) == 0  # of all that is not at home, as nobody says whose it is
    assert reconcile(config, text, *words, "--from", "2026-05-29") == 0
    assert capsys.readouterr().out.endswith("0 of 0 days and models agree.\n")


def test_another_ledger(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bill = config.parent / "bill.csv"
    bill.write_text(BILL)
    assert main(["reconcile", str(bill), "--ledger", f"sqlite:///{config.parent}/ledger.db"]) == 1
    assert "7.010000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("start_time_iso,amount_value\n", (), "nothing was used or paid on it"),
        ("a,b\n1,2\n", (), "name them with --columns"),
        (
            "usage_date_utc,cost_usd\n2026-05-28,1\n",
            (),
            "no deployment is served by anthropic, as far as addresses tell; say which with --deployment",
        ),
        (BILL, ("--ledger", "mysql://u:secret@h/d"), "mysql"),
    ],
)
def test_what_cannot_be_looked_at_ends_with_2(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, words: tuple[str, ...], message: str
) -> None:
    assert reconcile(config, text, *words) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "secret" not in said.err
    assert said.out == ""


def test_a_file_that_is_not_there(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconcile", "/nowhere/bill.csv", "--config", str(config)]) == 2
    assert "/nowhere/bill.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--columns", "day=Date"), ("--columns", "cost=USD"), ("--columns", "colour=x"), ("--model", "x")]
)
def test_what_is_not_understood_is_refused(config: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        reconcile(config, BILL, *words)
    assert caught.value.code == 2
