"""A user loses: "hello" sent to the expensive model, or a proof answered by the small one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.artifact import CARD_FILE, ArtifactError
from router.content import Content, content_of_messages, content_of_text
from router.difficulty.evaluation import auroc
from router.difficulty.model import SHIPPED, Calibration, DifficultyModel
from router.difficulty.supplement import examples

MODEL = DifficultyModel.shipped()

EASY = (
    "What is the capital of France?",
    "hello",
    "What's 2+2?",
    "Translate 'good morning' to Spanish",
    "Rewrite this more politely: send me the file now",
    "Extract the email address from: contact us at info@example.org",
    "Traduis en anglais : je suis fatigué",
    "Wie spät ist es?",
    "¿Cuál es el río más largo de Europa?",
    "Summarize this email:\n\nHi team, the client has confirmed the delivery for next Tuesday. Please make sure that "
    "the boxes are labelled and that the driver has the new address. Best, Karen",
)
HARD = (
    "Prove that there are infinitely many primes of the form 4k+3, and explain why the same argument fails for 4k+1.",
    "Implement a lock-free concurrent hash map in Rust with resizing, and justify every memory order.",
    "Refactor this 2000-line module into a plugin architecture with dependency injection, keep backwards "
    "compatibility, add type hints and tests without changing behaviour.",
    "Plan a 10-day trip for 4 people with a budget of 5000 euros, vegetarian food, at most 2 hotels, a wheelchair, and "
    "no more than 3 hours of travel per day.",
    "Let $p$ be an odd prime. Show that the sum of the quadratic residues modulo $p$ is divisible by $p$ for $p > 3$.",
    "Démontrez que racine de 3 est irrationnel, puis généralisez aux racines n-ièmes.",
    "Implementiere einen B-Baum in Rust mit gleichzeitigen Lesern und begründe die Korrektheit.",
    "Demuestra que hay infinitos números primos de la forma 4k+3.",
)


def probability(text: str) -> float:
    return MODEL.estimate(content_of_text(text)).probability


@pytest.mark.parametrize("text", EASY)
def test_everyday_prompts_are_easy(text: str) -> None:
    assert probability(text) < 0.42


@pytest.mark.parametrize("text", HARD)
def test_proofs_involved_code_and_plans_are_hard(text: str) -> None:
    assert probability(text) > 0.58


def test_templates_kept_out_of_training_are_told_apart() -> None:
    kept = [example for example in examples() if example.held_back]
    estimates = np.array([probability(example.prompt) for example in kept])
    hard = np.array([example.hard for example in kept])
    assert np.mean((estimates > 0.5) == hard) > 0.9
    assert (auroc(estimates, hard) or 0) > 0.95


@given(st.text(max_size=400))
def test_any_text_has_a_probability(text: str) -> None:
    assert 0.0 <= probability(text) <= 1.0


def test_an_empty_content_abstains() -> None:
    assert MODEL.estimate(Content(())).abstained


def test_another_script_abstains() -> None:
    assert MODEL.estimate(content_of_text("你好，今天天气怎么样？请告诉我。")).abstained
    assert not MODEL.estimate(content_of_text("What is the capital of France?")).abstained


def test_a_system_prompt_does_not_decide() -> None:
    def asked(system: str) -> float:
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": "What is the capital of France?"},
        ]
        return MODEL.estimate(content_of_messages(messages)).probability

    proof = "Prove theorems rigorously. " * 20
    assert asked(proof) == asked("Write friendly letters now. "[:27] * 20)


def test_estimates_do_not_depend_on_the_process() -> None:
    code = (
        "import sys; from router.difficulty.model import DifficultyModel; from router.content import content_of_text;"
        "print(DifficultyModel.shipped().estimate(content_of_text(sys.argv[1])).probability.hex());"
        "assert not {'sklearn', 'scipy', 'pickle5'} & set(sys.modules)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, HARD[0]],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {probability(HARD[0]).hex()}


def test_a_saved_model_estimates_the_same(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    again = DifficultyModel.load(tmp_path)
    for text in (*EASY, *HARD):
        assert again.estimate(content_of_text(text)) == MODEL.estimate(content_of_text(text))


def test_the_shipped_model_is_small_and_says_where_it_comes_from() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 5 << 20
    sources = json.dumps(MODEL.card["sources"]).lower()
    assert "cc0" in sources
    for forbidden in ("gsm8k", "mt-bench", "routerbench"):
        assert forbidden not in sources


def test_other_features_are_refused(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    card = json.loads((tmp_path / CARD_FILE).read_text()) | {"features_version": 0}
    (tmp_path / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match="features version 0"):
        DifficultyModel.load(tmp_path)


def test_other_word_vectors_are_refused(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    card = json.loads((tmp_path / CARD_FILE).read_text()) | {"word_vectors": "0" * 64}
    (tmp_path / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match="other word vectors"):
        DifficultyModel.load(tmp_path)


def test_a_card_that_names_unknown_parts_is_refused(tmp_path: Path) -> None:
    MODEL.save(tmp_path)
    card = json.loads((tmp_path / CARD_FILE).read_text()) | {"parts": ["meaning", "oracle"]}
    (tmp_path / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match="oracle"):
        DifficultyModel.load(tmp_path)


@pytest.mark.parametrize("slope", [0.0, -1.0, float("nan"), float("inf")])
def test_a_calibration_that_turns_the_ranking_is_refused(tmp_path: Path, slope: float) -> None:
    replace(MODEL, calibration=Calibration(slope, 0.0)).save(tmp_path)
    with pytest.raises(ArtifactError, match="slope"):
        DifficultyModel.load(tmp_path)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_calibration_keeps_the_order(one: float, other: float) -> None:
    calibration = Calibration(2.0, -0.5)
    low, high = sorted((one, other))
    assert 0.0 <= calibration.probability(low) <= calibration.probability(high) <= 1.0
