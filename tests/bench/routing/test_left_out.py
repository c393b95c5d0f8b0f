"""A file that is left out of the fit is left out, and figures are taken of its rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bench.routing import in_domain
from bench.routing.data import Data, places
from bench.routing.in_domain import Case, measured
from bench.routing.left_out import chosen, details, leave_one_out, lines
from router.difficulty.features import read
from router.difficulty.pretraining import Pretraining
from router.difficulty.quality import FIGURES
from router.difficulty.view import view_of_text

WORDS = {
    "bfcl_simple_multi": "engines",
    "llmrouter": "tulips",
    "mmlu_pro_new": "volcanoes",
    "routerbench_arc_challenge": "satellites",
    "zeroeval_math-l5": "knitting",
}


def written(folder: Path, rows: int) -> Data:
    """A few files; in each, prompts with "theorem" are hard for the small model."""
    for split in ("train", "dev"):
        (folder / split).mkdir()
        for file, word in WORDS.items():
            random = np.random.Generator(np.random.PCG64(len(file)))
            with gzip.open(folder / split / f"{file}.jsonl.gz", "wt", encoding="utf-8") as out:
                for number in range(rows):
                    hard = bool(random.integers(0, 2))
                    prompt = f"{split} question {number} on {word}: a {'theorem' if hard else 'greeting'}"
                    weak = float(not hard)
                    scores = {"a": weak, "Qwen2.5-7B-Instruct": weak, "o1-mini-2024-09-12": 1.0}
                    row = {"prompt": prompt, "category": "math" if number % 2 else "talk", "scores": scores}
                    out.write(json.dumps(row | {"weak_score": weak, "strong_score": 1.0}) + "\n")
    return Data.load(folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return written(tmp_path_factory.mktemp("rows"), 60)


def test_a_file_left_out_is_unknown(data: Data) -> None:
    model = data.left_out("mmlu_pro_new")
    assert model is data.left_out("mmlu_pro_new")
    assert model.familiarity.share(read(view_of_text("tulips"))) == 1.0
    assert model.familiarity.share(read(view_of_text("volcanoes"))) == 0.0
    assert data.left_out("llmrouter").familiarity.share(read(view_of_text("volcanoes"))) == 1.0


def test_files_that_may_not_train_weights_are_never_in_the_fit(data: Data) -> None:
    assert data.left_out("llmrouter").familiarity.share(read(view_of_text("satellites"))) == 0.0


def test_what_holds_in_every_file_is_found_in_the_one_left_out(data: Data) -> None:
    for file, found in leave_one_out(data).items():
        assert (found["apgr"].value or 0) > 0.6, file  # 0.75 is the most that there is
        assert list(found) == list(FIGURES)


def test_rows_stand_for_the_sets_that_nobody_sees(data: Data) -> None:
    assert [line.on for line in lines(data)] == [
        "MMLU-Pro, left out",
        "ARC challenge, never in",
        "competition maths, .52 and .90 right",
        "maths of llmrouter, .05 and .34 right",
        "llmrouter (11 tasks), left out",
    ]
    assert places(data.train, "llmrouter", "math").size == 30


def test_the_tables_have_a_line_per_file(data: Data) -> None:
    text = "\n".join(details(data))
    for file in WORDS:
        assert text.count(f"\n{file}") == 2


def test_the_better_candidate_is_chosen(data: Data) -> None:
    weak = Pretraining(strength=1e6, shape=1e4)  # which hears the shape alone
    best, means = chosen(data, (weak, Pretraining()))
    assert best == Pretraining()
    assert means[1] > means[0]


def test_in_domain_figures_are_of_rows_that_were_not_trained_on(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_domain, "DRAWS", 2)
    assert measured(data, Case("llmrouter", 80, prior=False)) == {}  # 40 rows would be left
    monkeypatch.setattr(in_domain, "LEAST_LEFT", 30)
    for found in (
        measured(data, Case("llmrouter", 80, prior=True)),
        measured(data, Case("llmrouter", 60, False, dev=True)),
    ):
        assert (found["apgr"].value or 0) > 0.6
    assert measured(data, Case("llmrouter", 61, False, dev=True)) == {}  # more than the train split has
    assert measured(data, Case("llmrouter", 80, prior=True)) is measured(data, Case("llmrouter", 80, prior=True))
