"""If these fail, domains are told from something else than was measured, or words that are names are shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from router.artifact import ArtifactError
from router.difficulty import vectors
from router.difficulty.vectors import KEY_SHIFT
from router.difficulty.view import view_of_text
from router.difficulty.words import hashes_of
from router.specialists.background import SHIPPED, Background, vectors_of
from router.specialists.prompt import prompt_of
from tests.router.specialists.prompts import OTHERS, SUPPORT

WORDS = vectors.shipped()
PROMPTS = [prompt_of(view_of_text(text)) for text in (*OTHERS, *SUPPORT)]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = Background.of(PROMPTS, WORDS, {"means": "test"})
    made.save(tmp_path)
    read = Background.load(tmp_path)
    assert (read.count, read.card["means"]) == (made.count, "test")
    assert np.array_equal(read.keys, made.keys)
    assert np.array_equal(read.starts, made.starts)
    assert np.allclose(read.structure, made.structure, rtol=1e-3)
    assert np.allclose(read.meaning.rows, made.meaning.rows, rtol=1e-5)


def test_its_rows_are_those_of_the_prompts() -> None:
    made = Background.of(PROMPTS, WORDS)
    assert made.count == len(PROMPTS)
    for row, prompt in zip(made.meaning.rows, PROMPTS, strict=True):
        assert np.allclose(row, made.meaning_of(prompt))
    ones = np.ones(1 << 20)
    assert np.allclose(made.sums(ones) * made.lengths, np.diff([*made.starts, made.keys.size]))


def test_a_word_that_only_one_prompt_has_and_no_vector_is_left_out() -> None:
    (key,) = (int(each) for each in hashes_of([b"zzyzxqua"]) >> KEY_SHIFT)
    assert not vectors_of(WORDS, np.array([key])).any()
    once = prompt_of(view_of_text("Who is zzyzxqua the great?"))
    assert key in once.keys
    assert key not in Background.of([*PROMPTS, once], WORDS).keys
    assert key in Background.of([*PROMPTS, once, once], WORDS).keys


def test_one_that_was_made_for_other_vectors_is_refused(tmp_path: Path) -> None:
    made = Background.of(PROMPTS, WORDS)
    made.save(tmp_path)
    card = tmp_path / "card.json"
    card.write_text(card.read_text().replace(WORDS.sha256, "0" * 64))
    with pytest.raises(ArtifactError, match="make it again"):
        Background.load(tmp_path)


def test_the_shipped_one_says_what_it_is_made_of() -> None:
    card = Background.load(SHIPPED).card
    assert sum(card["kinds"].values()) >= 3000
    assert all("MIT" in text or "Apache" in text or "CC0" in text for text in card["sources"].values())
    assert not any("routerbench" in kind for kind in card["kinds"])
