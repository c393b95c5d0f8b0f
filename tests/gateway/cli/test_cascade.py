"""A user loses: a head fitted on rows that were misread, or one that is believed although it learned nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.cli.main import main
from router.artifact import CARD_FILE
from router.cascade.head import Head


def answers(count: int, *, telling: bool) -> list[dict[str, Any]]:
    """Answers of which the unsure ones are bad, or of which nothing tells."""
    random = np.random.Generator(np.random.PCG64(3))
    rows = []
    for number in range(count):
        good = bool(random.random() < 0.5)
        sure = good if telling else bool(random.random() < 0.5)
        logprobs = [{"token": "Yes", "logprob": -0.1 if sure else -2.0}, {"token": ".", "logprob": -0.2}]
        rows.append({"prompt": f"Question {number}?", "answer": "Yes.", "logprobs": logprobs, "good": good})
    return rows


def write(file: Path, rows: list[dict[str, Any]]) -> str:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(file)


def fit(directory: Path, rows: list[dict[str, Any]]) -> int:
    data = write(directory / "answers.jsonl", rows)
    return main(["cascade", "fit", "--data", data, "--deployment", "small", "--out", str(directory / "head")])


def test_a_head_that_learned_something(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = [{"prompt": "Again?", "answer": "2 + 2 = 5.", "good": 0}] * 3
    assert fit(tmp_path, answers(200, telling=True) + faulty) == 0
    said = capsys.readouterr().err
    assert "203 answers; hard checks find 3 at fault, and 3 of them are bad" in said
    assert "of the other 200" in said
    assert "AUROC 1.000" in said
    assert "knows nothing" not in said
    card = json.loads((tmp_path / "head" / CARD_FILE).read_text())
    assert (card["deployment"], card["rows"], card["knows"]) == ("small", {"fitted": 200, "at_fault": 3}, True)
    assert str(tmp_path) not in json.dumps(card)
    assert Head.load(tmp_path / "head").knows


def test_a_head_that_learned_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit(tmp_path, answers(200, telling=False)) == 0
    assert "the head knows nothing" in capsys.readouterr().err
    assert not Head.load(tmp_path / "head").knows


def test_every_form_of_a_row_is_read(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "time", "arguments": "{}"}}
    tools = [{"type": "function", "function": {"name": "time", "parameters": {"type": "object"}}}]
    forms: list[dict[str, Any]] = [
        {"prompt": "a", "answer": "b", "logprobs": [-0.1, -0.2], "good": 1, "difficulty": 0.5, "again": "b"},
        {"messages": [{"role": "user", "content": "a"}], "answer": "b", "logprobs": {"content": []}, "good": 0.5},
        {"prompt": "c", "answer": {"content": None, "tool_calls": [call]}, "tools": tools, "good": 0},
    ]
    assert fit(tmp_path, forms + answers(60, telling=True)) == 0
    assert Head.load(tmp_path / "head").card["rows"] == {"fitted": 63, "at_fault": 0}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"answer": "b", "good": 1}, "needs exactly one of 'prompt'"),
        ({"prompt": "a", "good": 1}, "'answer' must be a string"),
        ({"prompt": "a", "answer": "b"}, "'good' is missing"),
        ({"prompt": "a", "answer": "b", "good": 2}, "'good' must be a number from 0 to 1"),
        ({"prompt": "a", "answer": "b", "good": 1, "logprobs": "x"}, "'logprobs' must be an array"),
        ({"prompt": "a", "answer": "b", "good": 1, "logprobs": ["x"]}, "'logprobs' must be an array"),
        ({"prompt": "a", "answer": "b", "good": 1, "again": 3}, "'again' must be a string"),
    ],
)
def test_a_bad_row_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, Any], problem: str
) -> None:
    assert fit(tmp_path, [*answers(50, telling=True), row]) == 2
    said = capsys.readouterr().err
    assert "answers.jsonl:51: " in said
    assert problem in said
    assert not (tmp_path / "head").exists()


def test_too_few_rows_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit(tmp_path, answers(39, telling=True)) == 2
    assert "39 rows, at least 40" in capsys.readouterr().err
    assert not (tmp_path / "head").exists()
