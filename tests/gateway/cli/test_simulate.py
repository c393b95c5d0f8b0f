"""If these fail, an operator turns the dial by a table that is not what will be."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.cli.main import main
from gateway.cli.simulate import dials_of
from tests.gateway.cli.labelled import labelled, write
from tests.gateway.config.harness import BASE

COSTS: dict[str, Any] = {"weak_cost": "0.0001", "strong_cost": "0.02"}


@pytest.fixture
def rows(tmp_path: Path) -> str:
    return write(tmp_path / "rows.jsonl", labelled(600, **COSTS))


def simulated(capsys: pytest.CaptureFixture[str], rows: str, *more: str) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert main(["simulate", "--from", rows, "--json", *more]) == 0
    found = json.loads(capsys.readouterr().out)
    return {outcome["dial"]: outcome for outcome in found["outcomes"]}


def test_a_number_alone_is_of_the_kind_before_it() -> None:
    said = [str(dial) for dial in dials_of("0.1,0.2,quality=0.9,0.95,cost=3,share=.4")]
    assert said == ["share=0.1", "share=0.2", "quality=0.9", "quality=0.95", "cost=3", "share=0.4"]


def test_the_table_has_shares_costs_and_quality_with_intervals(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = simulated(capsys, rows, "--dial", "share=0.2,0.5", "--dial", "quality=0.9,cost=6")
    assert list(found) == ["all small", "share=0.2", "share=0.5", "quality=0.9", "cost=6", "all large"]
    share, low, high = found["share=0.5"]["share"]
    assert low < share < high
    assert share == pytest.approx(0.5, abs=0.03)
    large = Decimal(round(share * 600))
    expected = (large * Decimal("0.02") + (600 - large) * Decimal("0.0001")) * 1000 / 600
    assert Decimal(found["share=0.5"]["dollars_per_1000"]) == pytest.approx(expected, abs=Decimal("1e-9"))
    assert float(found["cost=6"]["dollars_per_1000"]) == pytest.approx(6, rel=0.1)
    assert found["quality=0.9"]["hard_kept"][0] == pytest.approx(0.9, abs=0.05)
    kept = [found[name]["quality_kept"][0] for name in ("all small", "share=0.2", "share=0.5", "all large")]
    assert kept == sorted(kept)
    assert main(["simulate", "--from", rows, "--dial", "share=0.2,0.5", "--dial", "quality=0.9,cost=6"]) == 0
    said = capsys.readouterr().out
    assert "600 rows; with 95 % intervals" in said
    assert said.count("[") >= 20


def test_the_plot_is_a_picture_with_something_on_it(tmp_path: Path, rows: str) -> None:
    assert main(["simulate", "--from", rows, "--out", str(tmp_path / "plot.png")]) == 0
    data = (tmp_path / "plot.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    image = Image.open(io.BytesIO(data)).convert("RGB")
    assert image.size == (960, 640)
    colours = image.getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 20


def test_tokens_are_priced_by_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "tidegate.yaml"
    price = "price: {tokens: {input: 1, output: 10}}}"
    config.write_text(
        BASE.replace("api_key: k}", f"api_key: k, {price}").replace("local-model}", f"local-model, {price}")
    )
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    rows = write(tmp_path / "rows.jsonl", labelled(200, usage=usage))
    found = simulated(capsys, rows, "--config", str(config), "--dial", "0.5")
    assert {outcome["dollars_per_1000"] for outcome in found.values()} == {"0.2"}


def test_rows_without_labels_have_shares_and_no_quality(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = write(tmp_path / "rows.jsonl", [{"prompt": row["prompt"]} for row in labelled(200)])
    found = simulated(capsys, rows, "--dial", "0.3")
    assert found["share=0.3"]["quality_kept"] is None
    assert found["share=0.3"]["dollars_per_1000"] is None
    assert main(["simulate", "--from", rows, "--dial", "0.3"]) == 0
    assert "unknown" in capsys.readouterr().out
    assert main(["simulate", "--from", rows, "--out", str(tmp_path / "plot.png")]) == 2
    assert "no quality to plot" in capsys.readouterr().err


def test_a_table_of_the_gateways_own_is_replayed(tmp_path: Path, rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "tidegate.yaml"
    config.write_text(BASE)
    assert main(["calibrate", "--data", rows, "--config", str(config), "--out", str(tmp_path)]) == 0
    found = simulated(capsys, rows, "--table", str(tmp_path / "auto.json"), "--dial", "quality=0.9,0.3")
    assert found["quality=0.9"]["hard_kept"][0] >= 0.88


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--dial", "share=2"), "share must be from 0 to 1"),
        (("--dial", "0.1,,0.2"), "write share=NUMBER"),
        (("--dial", "quality=0.999"), "too few rows on which the large model does better"),
        (("--table", "nowhere.json"), "cannot be read"),
        (("--artifact", "nowhere"), "cannot be read"),
        (("--config", "nowhere.yaml"), "nowhere.yaml"),
        (("--out", "nowhere/plot.png"), "nowhere/plot.png: No such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    rows: str, capsys: pytest.CaptureFixture[str], more: tuple[str, str], why: str
) -> None:
    assert main(["simulate", "--from", rows, *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("tidegate simulate: ")
    assert why in said


@pytest.mark.parametrize("dial", ["share=0.5", "quality=0.9"])
def test_a_file_without_a_row_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], dial: str) -> None:
    assert main(["simulate", "--from", write(tmp_path / "rows.jsonl", []), "--dial", dial]) == 2
    assert capsys.readouterr().err == "tidegate simulate: no rows\n"
