"""A user loses: estimates that change from process to process, or words that are not recognised in another place."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.hashing import LONGEST, bigrams, grams, hash_text, hash_word

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäéñ", min_size=1, max_size=40)


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_a_word_hashes_the_same_wherever_it_stands(words: list[str]) -> None:
    assert hash_text(" ".join(words)).words.tolist() == [hash_word(word) for word in words]


@given(WORDS, WORDS)
def test_different_words_have_different_hashes(one: str, other: str) -> None:
    assert (hash_word(one) == hash_word(other)) == (one == other)


def test_case_digits_and_white_space_are_folded() -> None:
    assert np.array_equal(hash_text("Prove 123\tÜber").words, hash_text("prove 987 über").words)


def test_marks_and_numbers_are_tokens_of_their_own() -> None:
    hashed = hash_text("x=12, y")
    assert hashed.words.size == 5
    assert hashed.lengths.tolist() == [1, 1, 2, 1, 1]
    assert hashed.numbers == 1


def test_nothing_gives_nothing() -> None:
    assert hash_text("").words.size == 0
    assert hash_text("  \n ").words.size == 0


def test_a_text_beyond_the_limit_is_read_up_to_it() -> None:
    assert hash_text("a" * (LONGEST + 10)).folded.size == LONGEST


def test_lone_surrogates_do_not_raise() -> None:
    assert hash_text("a \ud800 b").words.size == 3


def test_the_order_of_a_pair_matters() -> None:
    ab, ba = hash_text("alpha beta").words, hash_text("beta alpha").words
    assert bigrams(ab).size == 1
    assert bigrams(ab)[0] != bigrams(ba)[0]


def test_grams_are_windows() -> None:
    folded = hash_text("abcabc").folded
    found = grams(folded, 3)
    assert found.size == 4
    assert found[0] == found[3]
    assert len(set(found.tolist())) == 3
    assert grams(folded, 7).size == 0


def test_hashes_do_not_depend_on_the_process() -> None:
    code = "from router.difficulty.hashing import hash_word; print(hash_word('integral'))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert seen == {f"{hash_word('integral')}\n"}
