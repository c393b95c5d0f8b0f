"""If these fail, a dial is given a meaning that the operator's own rows do not have."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config.dialtables import table_file
from gateway.config.load import load
from router.calibration.table import Table
from router.difficulty.model import SHIPPED
from tests.gateway.cli.labelled import labelled, write
from tests.gateway.config.harness import BASE

USAGE = {"prompt_tokens": 400, "completion_tokens": 200}
CONFIG = BASE.replace("api_key: k}", 'api_key: k, price: {tokens: {input: "2.5", output: 10}}}')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(CONFIG.replace("large: [large]}", "large: [large], dial: {quality: 0.95}}"))
    return file


def calibrate(file: Path, rows: str, *more: str) -> int:
    return main(["calibrate", "--data", rows, "--config", str(file), *more])


def test_a_configuration_that_was_refused_starts_once_its_route_is_calibrated(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(file)]) == 1
    assert "run `tidegate calibrate --route auto --data ROWS`" in capsys.readouterr().err
    rows = labelled(600, usage=USAGE, weak_cost="0.00002")
    assert calibrate(file, write(file.parent / "rows.jsonl", rows)) == 0
    said = capsys.readouterr().out
    assert main(["check", "--config", str(file)]) == 0
    assert str(table_file(file.parent / ".tidegate", "auto")) in said
    table = load(file, environ={}).tables["auto"]
    assert table.rows == 600
    assert (table.small_cost, table.large_cost) == (Decimal("0.00002"), Decimal("0.003"))


def test_what_it_prints_was_measured_on_rows_held_out(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate(file, write(file.parent / "rows.jsonl", labelled(900, usage=USAGE))) == 0
    said = capsys.readouterr().out
    figures = dict(re.findall(r"^  (0\.\d+)  (\d\.\d+) \[\d", said, re.MULTILINE))
    for share in ("0.10", "0.30", "0.70"):
        assert float(figures[share]) == pytest.approx(float(share), abs=0.05)
    for quality in ("0.8", "0.9", "0.95"):
        assert float(figures[quality]) == pytest.approx(float(quality), abs=0.06)
    assert "no dial of cost" in said  # nothing says what the machine at home cost
    assert "of all to the large model" in said


def test_too_few_hard_rows_are_said_to_be_too_few(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "weak_score": float(place >= 12)} for place, row in enumerate(labelled(200))]
    rows = [{**row, "strong_score": 1} for row in rows]
    assert calibrate(file, write(file.parent / "rows.jsonl", rows)) == 0
    said = capsys.readouterr().out
    assert "of 12 hard ones among 200 with scores" in said
    assert "0.95  too few hard rows: it takes 19" in said
    assert "0.98  too few hard rows: it takes 49" in said
    assert main(["check", "--config", str(file)]) == 1


def test_a_model_that_knows_nothing_is_told_from_one_that_does(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "weak_score": place % 2, "strong_score": 1} for place, row in enumerate(labelled(600))]
    assert calibrate(file, write(file.parent / "rows.jsonl", rows)) == 0
    assert "little better than by lot" in capsys.readouterr().out


def test_rows_without_scores_make_a_share_and_no_more(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"prompt": row["prompt"]} for row in labelled(100)]
    flags = ("--weak-cost", "0.0001", "--strong-cost", "0.02", "--out", str(file.parent / "tables"))
    assert calibrate(file, write(file.parent / "rows.jsonl", rows), *flags) == 0
    said = capsys.readouterr().out
    assert "no row has both scores" in said
    assert "small 0.0001, large 0.02" in said
    table = Table.load(file.parent / "tables" / "auto.json")
    assert (table.hard, table.kept, table.large_cost) == (0, (), Decimal("0.02"))


def test_a_table_of_another_model_is_refused_by_the_gateway(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.parent / "model"
    rows = write(file.parent / "rows.jsonl", labelled(300))
    assert main(["train", "--data", rows, "--out", str(other), "--prior", str(SHIPPED)]) == 0
    assert calibrate(file, rows, "--artifact", str(other)) == 0
    capsys.readouterr()
    assert main(["check", "--config", str(file)]) == 1
    assert "was made with another difficulty model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "more", "why"),
    [
        ([{"prompt": "Hi"}] * 20, (), "50 are the least"),
        (labelled(55), (), "50 are the least, besides the fifth of all that is held out to measure it"),
        ([{"text": 5}], (), "rows.jsonl:1: 'text' must be a string"),
        ([], (), "50 are the least"),
        (None, (), "No such file"),
        ([{"prompt": "Hi"}] * 60, ("--route", "nobody"), "no route 'nobody'; there are: auto, home"),
        ([{"prompt": "Hi"}] * 60, ("--route", "home"), "no choice between small and large"),
        ([{"prompt": "Hi"}] * 60, ("--artifact", "nowhere"), "card.json: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    file: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[dict[str, object]] | None,
    more: tuple[str, ...],
    why: str,
) -> None:
    file.write_text(f"{file.read_text()}  home: {{small: [small]}}\n")
    data = str(file.parent / "none.jsonl") if rows is None else write(file.parent / "rows.jsonl", rows)
    assert calibrate(file, data, *more) == 2
    said = capsys.readouterr().err
    assert said.startswith("tidegate calibrate: ")
    assert why in said
    assert not table_file(file.parent / ".tidegate", "auto").exists()


@pytest.mark.parametrize("gap", ["nan", "2", "wide"])
def test_a_gap_is_a_difference_of_scores(file: Path, capsys: pytest.CaptureFixture[str], gap: str) -> None:
    with pytest.raises(SystemExit) as caught:
        calibrate(file, "rows.jsonl", f"--gap={gap}")
    assert caught.value.code == 2
    assert f"'{gap}' is not from 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("amount", ["much", "-1", "inf"])
def test_an_amount_that_is_none_is_refused(file: Path, amount: str) -> None:
    with pytest.raises(SystemExit):
        calibrate(file, "rows.jsonl", f"--weak-cost={amount}")
