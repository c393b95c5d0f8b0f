"""`tidegate report` must be complete right after the traffic, must not steal journals, and must say what is wrong."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.cli.main import main
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

CONFIGURATION = """
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: tiny}
  large: {zone: cloud, engine: openai, base_url: "http://127.0.0.1:9102/v1", model: gpt-4o, api_key: none}
routes:
  auto: {small: [small], large: [large]}
ledger: {url: "sqlite:///ledger.db"}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(CONFIGURATION)
    return path


@pytest.fixture
def journal(config: Path) -> Journal:
    """Two requests of a worker that is still there."""
    journal = Journal(config.parent / ".tidegate" / "journal", "w0", fsync=False, clock=lambda: NOON)
    journal.intent(intent("a1"))
    journal.settled(settlement("a1", cost=Decimal("0.01"), counterfactual=Decimal("0.01")))
    second = intent("a2", deployment="small", zone="local", model="tiny")
    journal.intent(second)
    journal.settled(settlement(second, cost=Decimal("0.001"), counterfactual=Decimal("0.01"), at=NOON + 86_400))
    return journal


def report(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["report", *words]) == 0
    return capsys.readouterr().out


def test_what_the_journal_still_holds_is_in_it(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--config", str(config), "--format", "json", "--by", "deployment")
    first = json.loads(report(capsys, *words))
    assert [(line["deployment"], line["spent"]) for line in first["lines"]] == [("large", "0.01"), ("small", "0.001")]
    assert first["total"]["saved"] == "0.009"
    assert list(first["assumed"]) == ["small"]
    assert json.loads(report(capsys, *words)) == first
    assert list((config.parent / ".tidegate" / "journal").glob("*.journal"))  # its worker goes on writing
    journal.close()


def test_table_and_csv(config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    table = report(capsys, "--config", str(config))
    assert "auto" in table
    assert "1,000,000 requests a month like these 2" in table
    assert report(capsys, "--config", str(config), "--by", "key,model", "--format", "csv").splitlines()[1:] == [
        "dev,gpt-4o,1,1,1,0,0,100,20,0,0,0,0.01,0.01,0,0,0.01,0.01,0,0",
        "dev,tiny,1,1,1,1,0,100,20,0,0,0,0.001,0.01,0.009,0,0.001,0.001,0.009,0.009",
        "total,,2,2,2,1,0,200,40,0,0,0,0.011,0.02,0.009,0,0.011,0.011,0.009,0.009",
    ]
    journal.close()


def test_days_are_whole_and_times_are_moments(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    def requests(*words: str) -> int:
        found = json.loads(report(capsys, "--config", str(config), "--format", "json", *words))
        assert isinstance(found["total"]["requests"], int)
        return found["total"]["requests"]

    # Settled at 2026-05-28T20:26:42Z and at 20:26:40Z the day after.
    assert requests("--from", "2026-05-28", "--to", "2026-05-28") == 1
    assert requests("--from", "2026-05-28", "--to", "2026-05-29") == 2
    assert requests("--from", "2026-05-29T00:00:00+02:00") == 1
    assert requests("--to", "2026-05-28T20:26:42Z") == 0
    assert requests("--to", "2026-05-28T22:26:43+02:00") == 1
    journal.close()


def test_by_day(config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(report(capsys, "--config", str(config), "--format", "json", "--by", "day,month"))
    assert [(line["day"], line["month"], line["spent"]) for line in found["lines"]] == [
        ("2026-05-28", "2026-05", "0.01"),
        ("2026-05-29", "2026-05", "0.001"),
    ]
    journal.close()


def test_against_a_model_that_is_named(config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    """100 and 20 tokens each; gpt-4o-mini: 0.15 $ and 0.60 $ a million, half of it for the ten that were cached."""
    words = ("--config", str(config), "--format", "json")
    found = json.loads(report(capsys, *words, "--against", "gpt-4o-mini"))
    assert found["against"] == "gpt-4o-mini"
    assert found["total"]["reference"] == "0.0000525"  # 2 × (90 × 0.15 + 10 × 0.075 + 20 × 0.60) / 1,000,000
    assert found["total"]["saved"] == "-0.0109475"
    at_home = json.loads(report(capsys, *words, "--against", "small"))  # 1.5 s each, at the assumed 0.048 $ an hour
    assert at_home["total"]["reference"] == "0.00004"
    for unknown in ("gpt-nothing", "large"):
        assert main(["report", "--config", str(config), "--against", unknown]) == 1
        assert f"no price is known for '{unknown}'" in capsys.readouterr().err
    journal.close()


def test_focus(config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = intent("a3")
    journal.intent(unknown)
    journal.settled(settlement(unknown, cost=None))
    assert main(["report", "--config", str(config), "--format", "focus"]) == 0
    said = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [(row["ResourceId"], row["ProviderName"], row["BilledCost"]) for row in rows] == [
        ("large", "large", "0.01"),  # at an address that tells nothing of whose it is
        ("small", "Self-hosted", "0.001"),
    ]
    assert said.err == "left out, as their cost is unknown: 1 attempts\n"
    assert main(["report", "--config", str(config), "--format", "focus", "--against", "small"]) == 2
    journal.close()


def test_into_a_file(config: Path, journal: Journal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.parquet"
    words = ("--config", str(config), "--by", "deployment", "--format", "parquet", "--out")
    assert report(capsys, *words, str(file)) == ""
    assert parquet.read_table(file).column("spent").to_pylist() == [Decimal("0.01"), Decimal("0.001")]
    assert main(["report", *words, str(tmp_path / "none" / "x")]) == 1
    assert "No such file" in capsys.readouterr().err
    journal.close()


def test_another_ledger_is_read_and_the_journals_are_left_alone(
    config: Path, journal: Journal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.close()
    other = f"sqlite:///{tmp_path}/other.db"
    ledger = Ledger.open(other)
    apply(ledger, [intent("b1"), settlement("b1", cost=Decimal(7))])
    ledger.close()
    found = json.loads(report(capsys, "--config", str(config), "--ledger", other, "--format", "json"))
    assert found["total"]["spent"] == "7"
    assert "7.000000" in report(capsys, "--ledger", other)
    assert json.loads(report(capsys, "--config", str(config), "--format", "json"))["total"]["spent"] == "0.011"


def test_no_traffic_is_no_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, "--config", str(config)) == "No request was settled so far.\n"


@pytest.mark.parametrize("words", [("--ledger", "mysql://user:secret@host/db"), ("--config", "/nowhere/tidegate.yaml")])
def test_what_is_unusable_is_said(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err
    assert "secret" not in captured.err


@pytest.mark.parametrize("words", [("--by", "colour"), ("--from", "yesterday"), ("--to", "2026-13-01")])
def test_what_is_not_understood_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["report", *words])
    assert caught.value.code == 2
    assert words[1] in capsys.readouterr().err
