"""A user loses: a score file that is out of step with its input, or a run of an hour lost to one bad row."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main
from router.difficulty.model import DifficultyModel

PROOF = "Prove that there are infinitely many primes of the form 4k+3, and justify every step."
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "My e-mail is ann@example.org"}]


def write(file: Path, *rows: object) -> None:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_one_line_out_per_line_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write(
        source,
        {"id": "a", "prompt": "What is the capital of France?", "extra": 1},
        {"id": 7, "text": PROOF},
        {"id": "c", "messages": MESSAGES},
    )
    assert main(["score", "--in", str(source), "--out", str(out)]) == 0
    easy, hard, personal = read(out)
    assert list(easy) == ["id", "difficulty", "clearance", "findings"]
    assert (easy["id"], easy["clearance"], easy["findings"]) == ("a", "any", [])
    assert easy["difficulty"] < 0.5 < hard["difficulty"]
    assert personal["clearance"] == "local"
    finding = personal["findings"][0]
    assert list(finding) == ["type", "segment", "start", "end", "confidence"]
    assert MESSAGES[finding["segment"]]["content"][finding["start"] : finding["end"]] == "ann@example.org"
    assert "3 rows, CPU ms per row: p50 " in capsys.readouterr().err


def test_difficulty_is_given_where_the_router_would_abstain(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write(source, {"id": 1, "prompt": "你好，今天天气怎么样？"}, {"id": 2, "prompt": ""})
    assert main(["score", "--in", str(source), "--out", str(out)]) == 0
    assert [0 < row["difficulty"] < 1 for row in read(out)] == [True, True]


def test_offsets_are_characters_of_the_given_text(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    text = "Grüße 🎉 an ann@example.org bitte"
    write(source, {"id": 1, "text": text})
    assert main(["score", "--in", str(source), "--out", str(out)]) == 0
    (finding,) = read(out)[0]["findings"]
    assert finding["segment"] == 0
    assert text[finding["start"] : finding["end"]] == "ann@example.org"


def test_a_bad_row_ends_the_run_and_keeps_what_was_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write(source, {"id": 1, "prompt": "a"}, {"id": 2, "prompt": "b"}, {"prompt": "c"}, {"id": 4, "prompt": "d"})
    assert main(["score", "--in", str(source), "--out", str(out)]) == 2
    assert [row["id"] for row in read(out)] == [1, 2]
    assert f"{source}:3: 'id' is missing" in capsys.readouterr().err


@pytest.mark.parametrize("identity", [None, 1.5, ["a"], {}])
def test_an_id_must_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str], identity: object) -> None:
    write(tmp_path / "in.jsonl", {"id": identity, "prompt": "a"})
    assert main(["score", "--in", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert "in.jsonl:1: 'id' must be" in capsys.readouterr().err


def test_a_missing_input_and_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in.jsonl", {"id": 1, "prompt": "a"})
    assert main(["score", "--in", str(tmp_path / "no.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert main(["score", "--in", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "no" / "out.jsonl")]) == 2
    text = capsys.readouterr().err
    assert "no.jsonl: No such file" in text
    assert "out.jsonl: No such file" in text


def test_another_model_can_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DifficultyModel.shipped().save(tmp_path / "model")
    write(tmp_path / "in.jsonl", {"id": 1, "prompt": PROOF})
    command = ["score", "--in", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl"), "--artifact"]
    assert main([*command, str(tmp_path / "model")]) == 0
    assert read(tmp_path / "out.jsonl")[0]["difficulty"] > 0.5
    (tmp_path / "model" / "arrays.npz").write_bytes(b"damaged")
    assert main([*command, str(tmp_path / "model")]) == 2
    assert "checksum" in capsys.readouterr().err


def test_rows_go_through_a_pipe() -> None:
    """Standard output carries rows and nothing else."""
    rows = "".join(f"{json.dumps({'id': number, 'prompt': 'hello'})}\n" for number in range(50))
    command = [sys.executable, "-m", "gateway.cli.main", "score", "--in", "-", "--out", "-"]
    done = subprocess.run(command, input=rows, capture_output=True, text=True, check=True)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(50))
    assert done.stderr.startswith("50 rows")
