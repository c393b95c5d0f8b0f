"""If these fail, an operator is told another way than the one a request takes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main
from tests.gateway.config.harness import BASE
from tests.harness.prompts import CARD, EASY, HARD_PROOF


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE)
    return file


def explained(capsys: pytest.CaptureFixture[str], file: Path, prompt: str, *more: str) -> dict[str, Any]:
    assert main(["explain", prompt, "--config", str(file), "--format", "json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_where_a_prompt_goes_and_why(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    easy, hard, card = (explained(capsys, file, prompt) for prompt in (EASY, HARD_PROOF, CARD))
    assert (easy["candidates"], easy["clearance"]) == (["small", "large"], "any")
    assert hard["candidates"] == ["large", "small"]
    assert 0 <= easy["difficulty"] < hard["difficulty"] <= 1
    assert (card["candidates"], card["clearance"]) == (["small"], "local")
    assert card["reasons"][0]["code"] == "sensitive"
    (finding,) = card["findings"]
    assert CARD[finding["start"] : finding["end"]] == "4970 1000 0000 0154"


def test_the_words_of_the_finding_are_not_repeated(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert main(["explain", CARD, "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert "4970" not in out
    assert "clearance   local" in out
    assert "1. small  zone local, openai, local-model" in out


def test_a_label_narrows(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    found = explained(capsys, file, EASY, "--locality", "local")
    assert found["candidates"] == ["small"]
    assert {"code": "label", "detail": "caller:local"} in found["reasons"]


def test_one_that_is_down_is_tried_last(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert explained(capsys, file, EASY, "--down", "small")["candidates"] == ["large", "small"]
    assert explained(capsys, file, CARD, "--down", "small")["candidates"] == ["small"]


def test_nowhere_to_go_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE.replace("{small: [small], large: [large]}", "{large: [large]}"))
    assert main(["explain", CARD, "--config", str(file)]) == 0
    assert "503" in capsys.readouterr().out


def test_a_prompt_from_standard_input(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(CARD))
    assert explained(capsys, file, "-")["clearance"] == "local"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--route", "none"), "there are: auto"),
        (("--locality", "everywhere!"), "is not a clearance"),
        (("--down", "smal"), "smal"),
        (("--config", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_said(
    capsys: pytest.CaptureFixture[str], file: Path, more: tuple[str, ...], said: str
) -> None:
    assert main(["explain", EASY, "--config", str(file), *more]) == 1
    assert said in capsys.readouterr().err
