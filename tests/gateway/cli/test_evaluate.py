"""A user loses: figures of a model that are not those of the rows, or a cost that is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.cli.evaluate import DEFAULT_THRESHOLD
from gateway.cli.main import main
from gateway.cli.train import labelled
from gateway.config.settings import Route
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import apgr
from tests.gateway.cli.test_train import traffic, write


def evaluate(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["evaluate", "--json", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_figures_are_those_of_the_model_on_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, model = write(tmp_path / "own.jsonl", traffic(200, 1)), str(tmp_path / "model")
    assert main(["train", "--data", file, "--out", model]) == 0
    capsys.readouterr()
    found = evaluate(capsys, "--data", file, "--artifact", model)["all rows"]
    views, labels = labelled([file])
    estimator = Estimator.load(Path(model))
    difficulty = [estimator.estimate_view(view).probability for view in views]
    assert found["rows"] == 200
    assert found["apgr"][0] == pytest.approx(apgr(np.array(difficulty), labels.gap), abs=1e-4)
    assert found["apgr"][1] <= found["apgr"][0] <= found["apgr"][2]
    large = [each > 0.5 for each in difficulty]
    (sent,) = found["thresholds"]
    assert sent["share_large"][0] == pytest.approx(sum(large) / 200)


def test_what_thresholds_cost_is_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row | {"weak_cost": 0.0001, "strong_cost": "0.0030"} for row in traffic(100, 1)]
    found = evaluate(capsys, "--data", write(tmp_path / "a.jsonl", rows), "--threshold", "0", "1")["all rows"]
    none, default, every = (found["thresholds"][at] for at in (2, 1, 0))
    assert (none["threshold"], default["threshold"], every["threshold"]) == (1.0, 0.5, 0.0)
    assert none["cost_per_1000"] == found["cost_per_1000"]["small"] == "0.1000"
    assert every["cost_per_1000"] == found["cost_per_1000"]["large"] == "3.0000"
    assert every["recovered"][0] == 1.0
    assert none["recovered"][0] == 0.0


def test_a_cost_that_one_row_lacks_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row | {"weak_cost": 0, "strong_cost": 0.003} for row in traffic(60, 1)]
    rows[7]["strong_cost"] = None
    found = evaluate(capsys, "--data", write(tmp_path / "a.jsonl", rows))["all rows"]
    assert found["cost_per_1000"] == {"small": "0", "large": None}


def test_each_task_has_its_own_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row | {"source": "a" if number < 40 else "b"} for number, row in enumerate(traffic(60, 1))]
    del rows[0]["source"]
    file = write(tmp_path / "a.jsonl", rows)
    found = evaluate(capsys, "--data", file, "--by", "source")
    assert {name: each["rows"] for name, each in found.items()} == {"all rows": 60, "(none)": 1, "a": 39, "b": 20}
    assert main(["evaluate", "--data", file, "--by", "source"]) == 0
    said = capsys.readouterr().out
    for text in ("APGR", "CPT50", "share to the large model", "\nb ", "unknown"):
        assert text in said


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"weak_cost": "cheap"}, "'weak_cost' must be a number"),
        ({"strong_cost": -1}, "'strong_cost' must be from 0"),
        ({"strong_cost": "NaN"}, "'strong_cost' must be from 0"),
        ({"strong_cost": True}, "'strong_cost' must be a number"),
        ({"category": 3}, "'category' must be a string"),
        ({"weak_score": 2}, "'weak_score' must be"),
    ],
)
def test_bad_rows_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], problem: str
) -> None:
    rows = traffic(60, 1)
    rows[3] |= change
    assert main(["evaluate", "--data", write(tmp_path / "a.jsonl", rows), "--by", "category"]) == 2
    assert f"a.jsonl:4: {problem}" in capsys.readouterr().err


def test_no_rows_and_no_model_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", write(tmp_path / "a.jsonl", [])]) == 2
    assert "no rows" in capsys.readouterr().err
    file = write(tmp_path / "b.jsonl", traffic(60, 1))
    assert main(["evaluate", "--data", file, "--artifact", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize("threshold", ["7", "x", "nan"])
def test_a_threshold_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], threshold: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["evaluate", "--data", "rows.jsonl", "--threshold", threshold])
    assert caught.value.code == 2
    assert f"'{threshold}' is not from 0 to 1" in capsys.readouterr().err


def test_the_default_threshold_is_that_of_a_route() -> None:
    assert Route().threshold == DEFAULT_THRESHOLD
