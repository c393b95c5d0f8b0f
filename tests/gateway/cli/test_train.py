"""A user loses: a model trained on half of a file, or one that is written although it learned nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from gateway.cli.main import main
from router.artifact import CARD_FILE
from router.difficulty.evaluation import apgr
from router.difficulty.model import SHIPPED

TOPICS = ("invoices", "parking", "holidays", "printers", "passwords", "lunch")


def traffic(count: int, seed: int) -> list[dict[str, object]]:
    """Questions on six topics; the small model fails mostly on the first two."""
    random = np.random.Generator(np.random.PCG64(seed))
    out: list[dict[str, object]] = []
    for number in range(count):
        topic = int(random.integers(0, len(TOPICS)))
        fails = random.random() < (0.8 if topic < 2 else 0.15)
        prompt = f"A question about {TOPICS[topic]}, please"
        out.append({"id": number, "prompt": prompt, "weak_score": float(not fails), "strong_score": 1, "category": "x"})
    return out


def write(file: Path, rows: list[dict[str, object]]) -> str:
    text = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return str(file)


def test_trained_on_two_files_it_ranks_rows_it_never_saw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = write(tmp_path / "a.jsonl", traffic(150, 1))
    packed = write(tmp_path / "b.jsonl.gz", traffic(150, 2))
    model, fresh = str(tmp_path / "model"), traffic(300, 3)
    assert main(["train", "--data", plain, packed, "--out", model, "--prior", str(SHIPPED)]) == 0
    said = capsys.readouterr().err
    assert "300 rows" in said
    assert "this model  APGR 0." in said
    assert "the prior   APGR 0." in said
    source = write(tmp_path / "in.jsonl", fresh)
    assert main(["score", "--in", source, "--out", str(tmp_path / "out.jsonl"), "--artifact", model]) == 0
    scores = [json.loads(line)["difficulty"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    gap = np.array([1 - float(str(row["weak_score"])) for row in fresh])
    assert (apgr(np.array(scores), gap) or 0) > 0.65


def test_the_card_says_what_was_done(tmp_path: Path) -> None:
    data = write(tmp_path / "own.jsonl", traffic(80, 1))
    assert main(["train", "--data", data, "--out", str(tmp_path / "model")]) == 0
    card = json.loads((tmp_path / "model" / CARD_FILE).read_text())
    assert card["rows"] == {"own": 80}
    assert "own.jsonl" in card["sources"]
    assert len(card["figures"]["held_out"]["apgr"]) == 3
    assert str(tmp_path) not in json.dumps(card)


def test_conversations_can_be_trained_on(tmp_path: Path) -> None:
    rows = traffic(60, 1)
    for row in rows:
        row["messages"] = [{"role": "user", "content": row.pop("prompt")}]
    assert main(["train", "--data", write(tmp_path / "a.jsonl", rows), "--out", str(tmp_path / "model")]) == 0


def test_too_few_rows_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "a.jsonl", traffic(49, 1))
    assert main(["train", "--data", data, "--out", str(tmp_path / "model")]) == 2
    assert "49 rows, at least 50" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"weak_score": 2}, "'weak_score' must be a number from 0 to 1"),
        ({"strong_score": "1"}, "'strong_score' must be a number from 0 to 1"),
        ({"prompt": None}, "'prompt' must be a string"),
    ],
)
def test_a_bad_row_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], problem: str
) -> None:
    rows = traffic(60, 1)
    rows[41] |= change
    data = write(tmp_path / "a.jsonl.gz", rows)
    assert main(["train", "--data", data, "--out", str(tmp_path / "model")]) == 2
    assert f"{data}:42: {problem}" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_noise_is_called_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = traffic(120, 1)
    random = np.random.Generator(np.random.PCG64(9))
    for row in rows:
        row["weak_score"] = int(random.integers(0, 2))
    assert main(["train", "--data", write(tmp_path / "a.jsonl", rows), "--out", str(tmp_path / "model")]) == 0
    assert "warning: no better than random" in capsys.readouterr().err


def test_a_prior_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "a.jsonl", traffic(60, 1))
    command = ["train", "--data", data, "--out", str(tmp_path / "model"), "--prior", str(tmp_path / "none")]
    assert main(command) == 2
    assert "card.json: cannot be read" in capsys.readouterr().err
