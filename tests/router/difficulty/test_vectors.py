"""A user loses: words whose meaning is another word's, or a table that does not belong to the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import artifact
from router.artifact import ArtifactError
from router.difficulty.vectors import (
    DIMENSIONS,
    FORMAT,
    KEY_SHIFT,
    SHIPPED,
    Floats,
    WordVectors,
    checksum,
    save,
    shipped,
)
from router.difficulty.words import hashes_of, words_of

NONE = hashes_of(())
WORDS = (b"alpha", b"beta")
KEYS = hashes_of(WORDS) >> KEY_SHIFT
TABLE = np.zeros((2, DIMENSIONS), np.int8)
TABLE[0, 0], TABLE[1, 1] = 30, -40
SMALL = WordVectors.of(KEYS, TABLE)


def meaning(text: str) -> Floats:
    return shipped().meaning(hashes_of(words_of(text, text.encode())), NONE, 0.0)


def likeness(one: str, other: str) -> float:
    return float(meaning(one) @ meaning(other))


@given(st.lists(st.sampled_from(["sun", "moon", "star", "house", "prove", "theorem", "xqzzt"]), max_size=12))
def test_a_meaning_has_unit_length_or_is_nothing(words: list[str]) -> None:
    length = float(np.linalg.norm(meaning(" ".join(words))))
    assert length == pytest.approx(1.0 if set(words) - {"xqzzt"} else 0.0, abs=1e-5)


def test_words_are_summed() -> None:
    assert SMALL.meaning(hashes_of(WORDS), NONE, 0.0)[:2] == pytest.approx([0.6, -0.8])
    assert SMALL.meaning(hashes_of(WORDS[:1]), hashes_of(WORDS[1:]), 0.75)[:2] == pytest.approx([0.5**0.5, -(0.5**0.5)])


def test_unknown_words_say_nothing() -> None:
    assert not SMALL.meaning(hashes_of([b"gamma"]), NONE, 0.0).any()


def test_alike_is_near() -> None:
    assert likeness("enzymes in the cell", "protein and membrane biology") > likeness("enzymes in the cell", "tax law")
    assert likeness("the contract was breached", "court and lawsuit") > likeness("the contract was breached", "volcano")


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    save(tmp_path, KEYS, TABLE, {"version": "1"})
    again = WordVectors.load(tmp_path)
    assert np.array_equal(again.table, TABLE)
    assert again.meaning(hashes_of(WORDS), NONE, 0.0).tolist() == SMALL.meaning(hashes_of(WORDS), NONE, 0.0).tolist()
    assert again.sha256 == json.loads((tmp_path / "card.json").read_text())["sha256"]


def test_the_shipped_table_is_small_and_says_where_it_comes_from() -> None:
    assert shipped() is shipped()
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2 << 20
    assert "Apache-2.0" in json.dumps(artifact.read(SHIPPED, FORMAT).card["sources"])


@pytest.mark.parametrize(
    ("keys", "table"),
    [(KEYS[:1], TABLE), (KEYS, TABLE.astype(np.int16)), (KEYS[[0, 0]], TABLE), (KEYS + (1 << 20), TABLE)],
    ids=["sizes", "type", "twice", "range"],
)
def test_arrays_that_do_not_fit_are_refused(keys: np.ndarray, table: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected|distinct"):
        WordVectors.of(keys, table)


def test_the_checksum_names_the_shipped_table() -> None:
    assert checksum() == shipped().sha256


def test_another_artifact_is_refused(tmp_path: Path) -> None:
    artifact.write(tmp_path, artifact.Artifact({"keys": KEYS, "table": TABLE}, {}), "tidegate-difficulty")
    with pytest.raises(ArtifactError, match=FORMAT):
        WordVectors.load(tmp_path)
    artifact.write(tmp_path, artifact.Artifact({"keys": KEYS}, {}), FORMAT)
    with pytest.raises(ArtifactError, match="table"):
        WordVectors.load(tmp_path)
