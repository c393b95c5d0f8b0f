"""`tidegate labels`: what is kept can be counted, taken out as far as it may travel, and deleted."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main
from gateway.learning.note import sealed
from gateway.learning.store import LearningStore
from gateway.stores.seal import LEARNING, Seal
from router.difficulty.view import View
from tests.gateway.config.harness import BASE
from tests.gateway.learning.samples import NOW, PACKED, label, note, sample, stored
from tests.servers.postgres import PostgresServer

SECRET = "0123456789abcdef" * 2
SEAL = Seal(SECRET, LEARNING)
PLANTED = "Marie Curie, IBAN FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(f"{BASE}learning: {{key: {SECRET}}}\n")
    return path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/.tidegate/learning.db"


def fill(url: str) -> None:
    """Three requests: one that may go anywhere, one that stays at home, and one that nobody said anything of."""
    free = note("req_1", view=View("What is 2 + 2?", "", 14), captured=True, clearance="any").sample(SEAL)
    home = note("req_2", view=View(PLANTED, "Hello", 50), captured=True, clearance="local", key="ops").sample(SEAL)
    correction = sealed(SEAL, home, b"Pierre Curie")
    store = LearningStore.open(url)
    store.keep([free, home, sample("req_3", at=NOW - 86_400)])
    store.label([label("req_1"), label("req_2", source="correction", weak=0.0, text=correction)])
    store.label([label("req_2", source="shadow", key="", weak=None, strong=1.0)])
    store.close()


def labels(file: Path, *words: str) -> int:
    return main(["labels", *words, "--config", str(file)])


def exported(file: Path, out: Path, *words: str) -> list[dict[str, Any]]:
    assert labels(file, "export", "--out", str(out), *words) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_labels_are_counted(file: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    fill(url)
    assert labels(file, "list") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["ROUTE", "SMALL", "SOURCE", "ROWS"],
        ["auto", "home", "(no", "label)", "1"],
        ["auto", "home", "correction", "1"],
        ["auto", "home", "shadow", "1"],
        ["auto", "home", "thumbs", "1"],
    ]


@pytest.mark.parametrize("words", [["list"], ["export", "--out", "x.jsonl"], ["forget", "--key", "dev"]])
def test_where_nothing_was_kept_nothing_is_made(
    file: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert labels(file, *words) == 0
    assert capsys.readouterr().err == "Nothing is kept to learn from.\n"
    assert not (file.parent / ".tidegate").exists()


def test_out_goes_what_may_go_anywhere(
    file: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(url)
    (row,) = exported(file, tmp_path / "rows.jsonl")
    assert row["request_id"] == "req_1"
    assert (row["prompt"], row["weak_score"], row["strong_score"]) == ("What is 2 + 2?", 1.0, None)
    assert (row["asked_by"], row["said_by"], row["source"], row["weight"]) == ("dev", "dev", "thumbs", 1.0)
    assert len(base64.b64decode(row["features"])) == len(PACKED)
    said = capsys.readouterr().err
    assert said == "1 rows\n2 left out: they may not be anywhere; --zone ZONE says where the file will be\n"
    assert (tmp_path / "rows.jsonl").stat().st_mode & 0o077 == 0


def test_what_stays_at_home_is_told_to_a_file_at_home(file: Path, url: str, tmp_path: Path) -> None:
    fill(url)
    rows = exported(file, tmp_path / "rows.jsonl", "--zone", "local")
    assert {row["source"] for row in rows} == {"thumbs", "shadow", "correction"}
    corrected = next(row for row in rows if row["source"] == "correction")
    assert corrected["messages"] == [{"role": "user", "content": "Hello"}, {"role": "user", "content": PLANTED}]
    assert corrected["correction"] == "Pierre Curie"
    assert PLANTED not in json.dumps(exported(file, tmp_path / "cloud.jsonl", "--zone", "cloud"))


def test_with_another_key_text_does_not_open(file: Path, url: str, tmp_path: Path) -> None:
    fill(url)
    file.write_text(f"{BASE}learning: {{key: {SECRET[::-1]}}}\n")
    rows = exported(file, tmp_path / "rows.jsonl", "--zone", "local")
    assert len(rows) == 3
    assert all(row.keys().isdisjoint({"prompt", "messages", "correction"}) for row in rows)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["--request", "req_1"], ["req_2", "req_3"]),
        (["--key", "ops"], ["req_1", "req_3"]),
        (["--before", "2027-01-15"], ["req_1", "req_2"]),
    ],
)
def test_what_is_to_be_forgotten_is(
    file: Path, url: str, words: list[str], left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(url)
    assert labels(file, "forget", *words) == 0
    assert capsys.readouterr().out.startswith("1 requests and ")
    with stored(url) as store:
        assert [one for one in ("req_1", "req_2", "req_3") if store.sample(one)] == left


@pytest.mark.parametrize(
    "words",
    [[], ["forget"], ["forget", "--key", "a", "--request", "b"], ["forget", "--before", "soon"], ["export"],
     ["export", "--out", "x", "--zone", "No Zone"]],
)  # fmt: skip
def test_wrong_arguments_are_refused(file: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        labels(file, *words)
    assert caught.value.code == 2


def test_what_cannot_be_used_is_said(file: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(url)
    assert labels(file, "export", "--out", str(tmp_path / "no" / "rows.jsonl")) == 2
    assert capsys.readouterr().err.endswith("rows.jsonl: No such file or directory\n")
    file.write_text("routes: 1\n")
    assert labels(file, "list") == 2


def test_it_is_the_same_beside_a_ledger_on_a_server(file: Path, postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.database()
    file.write_text(f"{BASE}ledger: {{url: '{database}'}}\nlearning: {{key: {SECRET}}}\n")
    fill(database)
    assert len(exported(file, tmp_path / "rows.jsonl", "--zone", "local")) == 3
