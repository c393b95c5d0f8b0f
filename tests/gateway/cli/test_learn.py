"""`tidegate learn`: a better head serves, a poisoned one does not, and there is a way back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.learn import NOT_PROMOTED
from gateway.cli.main import main
from gateway.cli.refusal import BAD_INPUT
from gateway.config.heads import champion_of
from gateway.learning.drift import Bins
from router.difficulty.model import DifficultyModel
from router.difficulty.view import view_of_text
from tests.harness.lessons import teach
from tests.router.difficulty.relearning.traffic import SHIPPED, difficulty, requests

CONFIG = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:1/v1"}
  large: {zone: cloud, engine: openai, base_url: "https://llm.invalid/v1", model: big, api_key: sk-none}
routes:
  auto: {small: [small], large: [large], learning: {enabled: true}}
"""


class House:
    """A configuration, its state, and the command."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = directory / "tidegate.yaml"
        self.file.write_text(CONFIG)
        self.state = directory / ".tidegate"
        self.state.mkdir()
        self.url = f"sqlite:///{self.state}/learning.db"
        self._capsys = capsys

    def learn(self, *words: str) -> tuple[int, str]:
        status = main(["learn", "--config", str(self.file), *words])
        said = self._capsys.readouterr()
        return status, said.out + said.err

    def learned(self, *words: str) -> tuple[int, dict[str, Any]]:
        status, said = self.learn("--json", *words)
        return status, json.loads(said)

    @property
    def serving(self) -> DifficultyModel:
        path = champion_of(self.state, "small")
        return SHIPPED if path is None else DifficultyModel.load(path)


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    return House(tmp_path, capsys)


def test_learning_promotes_and_rollback_takes_back(house: House) -> None:
    teach(house.url, requests(500, 1), ended=time.time() - 60)
    status, found = house.learned()
    assert status == 0
    assert found["promoted"]
    assert found["prompts"] > 300
    assert all(gate["held"] for gate in found["gates"])
    serving = house.serving
    assert difficulty(serving, "contracts") > difficulty(SHIPPED, "contracts") + 0.1
    assert Bins.of_card(serving.card) is not None
    status, said = house.learn("--list")
    assert status == 0
    assert "champion" in said
    status, said = house.learn("--rollback", "small")
    assert (status, said) == (0, "small: the shipped head serves again\n")
    assert champion_of(house.state, "small") is None


def test_what_was_learned_is_the_prior_of_what_comes_next(house: House) -> None:
    """Labels from before and after a change of heads are read as what they are: of different heads."""
    now = time.time()
    teach(house.url, requests(500, 1), ended=now - 7200)
    assert house.learn()[0] == 0
    first = house.serving
    teach(house.url, requests(400, 2), ended=now + 600, served=first)
    store_now = house.learned()[1]
    assert store_now["left_out"].get("of an unknown head", 0) <= 400
    assert store_now["champion"] == first.card["sha256"]
    brier = store_now["figures"]["brier"]
    assert brier["old"][0] < 0.21  # a head that knew this traffic: one that did not has 0.25 and more
    text = "Tell me which contract fits a clause or lawyer."
    before = first.estimate_view(view_of_text(text)).probability
    assert house.serving.estimate_view(view_of_text(text)).probability == pytest.approx(before, abs=0.2)


def test_a_dry_run_changes_nothing(house: House) -> None:
    teach(house.url, requests(500, 1), ended=time.time() - 60)
    status, said = house.learn("--dry-run")
    assert status == 0
    assert "would be promoted (dry run)" in said
    assert champion_of(house.state, "small") is None
    assert house.learn("--list")[1] == "No head was learned yet: the shipped one serves everywhere.\n"


def test_poisoned_feedback_is_not_promoted_and_it_is_said_why(house: House) -> None:
    teach(house.url, requests(500, 1), ended=time.time() - 60, turned=True)
    status, said = house.learn()
    assert status == NOT_PROMOTED
    assert "FAILS" in said
    assert "the head that serves stays" in said
    assert champion_of(house.state, "small") is None
    assert "challenger" in house.learn("--list")[1]


def test_a_key_can_be_left_out(house: House) -> None:
    asked = requests(600, 3)
    liar = [one for one in asked if one.key == "key-0"]
    now = time.time()
    teach(house.url, [one for one in asked if one.key != "key-0"], ended=now - 60)
    teach(house.url, liar, ended=now - 3600, turned=True)
    assert house.learn()[0] == NOT_PROMOTED
    status, found = house.learned("--without", "key-0")
    assert status == 0
    assert found["left_out"] == {"of keys that are left out": len(liar)}


def test_one_key_needs_leave(house: House) -> None:
    teach(house.url, requests(500, 4, keys=1), ended=time.time() - 60)
    assert house.learn("--dry-run")[0] == NOT_PROMOTED
    assert house.learn("--dry-run", "--allow-one-key")[0] == 0
    house.file.write_text(CONFIG + "learning: {one_key: true}\n")
    assert house.learn("--dry-run")[0] == 0


def test_rows_that_the_operator_vouches_for_are_trusted(house: House) -> None:
    teach(house.url, requests(500, 4, keys=1), ended=time.time() - 60)
    file = house.file.parent / "rows.jsonl"
    rows = [{"prompt": one.text, "weak_score": float(one.good), "strong_score": 1} for one in requests(150, 5)]
    file.write_text("\n".join(map(json.dumps, rows)))
    status, found = house.learned("--data", str(file))
    assert status == 0, [gate for gate in found["gates"] if not gate["held"]]
    assert found["trusted"] > 80
    file.write_text('{"prompt": "x", "weak_score": 2}')
    status, said = house.learn("--data", str(file))
    assert status == BAD_INPUT
    assert "rows.jsonl:1: 'weak_score' must be a number from 0 to 1" in said


def test_too_few_labels_are_no_failure(house: House) -> None:
    status, said = house.learn()
    assert status == NOT_PROMOTED
    assert "0 prompts, 100 are needed" in said


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        ("", ("--rollback", "small"), "no head was learned for 'small'"),
        ("", ("--deployment", "huge"), "there is no deployment 'huge'"),
        ("", ("--deployment", "large"), "no route that learns has 'large' as its first small deployment"),
        (", learning: {enabled: true}", (), "no route learns"),
    ],
)
def test_what_cannot_be_done_is_said(house: House, change: str, words: tuple[str, ...], expected: str) -> None:
    house.file.write_text(CONFIG.replace(change, "") if change else CONFIG)
    status, said = house.learn(*words)
    assert status == BAD_INPUT
    assert expected in said


def test_labels_of_a_route_that_asks_another_head_are_not_taken_for_this_one(house: House) -> None:
    SHIPPED.save(house.state / "heads" / "spare" / "champion")
    spare = '  spare: {zone: local, engine: openai, base_url: "http://127.0.0.1:2/v1"}\n  large:'
    house.file.write_text(CONFIG.replace("  large:", spare, 1).replace("[small]", "[small, spare]"))
    teach(house.url, requests(200, 1), ended=time.time() - 60)
    status, found = house.learned("--deployment", "small")
    assert status == NOT_PROMOTED
    assert found["left_out"] == {"of routes that ask another head": 200}


def test_a_head_that_the_configuration_names_is_left_alone(house: House) -> None:
    SHIPPED.save(house.file.parent / "mine")
    house.file.write_text(CONFIG.replace('base_url: "http', 'difficulty: mine, base_url: "http', 1))
    status, said = house.learn()
    assert status == BAD_INPUT
    assert "deployments.small.difficulty names a head" in said
