"""A user loses: estimates that change from process to process, or words that are not recognised in another place."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.words import (
    BUCKET_SHIFT,
    BUCKETS,
    MANY,
    Buckets,
    array_of,
    bucket_of,
    distinct,
    distinct_beside,
    hashes_of,
    words_of,
)

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäéñ_", min_size=1, max_size=40)


def words(text: str) -> list[bytes]:
    return words_of(text, text.encode("utf-8", "replace"))


def buckets_of(found: list[bytes]) -> Buckets:
    return hashes_of(found) >> BUCKET_SHIFT


@given(st.lists(WORDS, min_size=1, max_size=30), st.sampled_from([" ", ", ", "\n", " – ", "”", "¿"]))
def test_a_word_is_the_same_wherever_it_stands(given_words: list[str], between: str) -> None:
    assert words(between.join(given_words)) == [word.encode() for word in given_words]


@given(st.text(max_size=200))
def test_any_text_has_words_within_the_table(text: str) -> None:
    found = buckets_of(words(text))
    assert found.dtype == np.int64
    assert not found.size or 0 <= found.min() <= found.max() < BUCKETS


def test_case_digits_and_white_space_are_folded() -> None:
    assert words("Prove 123\tÜber É") == words("prove 987 über é") == [b"prove", b"000", "über".encode(), "é".encode()]


def test_marks_separate() -> None:
    assert words(r"\frac{x_1}{y}=12, “no”…¿sí?") == [b"frac", b"x_0", b"y", b"00", b"no", "sí".encode()]


def test_nothing_gives_nothing() -> None:
    assert words("") == words("  \n ") == words("?!") == []
    assert buckets_of([]).size == 0


def test_lone_surrogates_do_not_raise() -> None:
    assert words("a \ud800 b") == [b"a", b"b"]


@given(st.lists(st.sampled_from([f"w{letter}".encode() for letter in "abcdefghij"]), max_size=30), st.integers(1, 9))
def test_distinct_words_have_one_hash_each(found: list[bytes], copies: int) -> None:
    many = found * copies  # few are told apart in another way than many
    assert sorted(distinct(many)) == sorted({int(each) for each in hashes_of(found)})
    assert array_of(distinct(many)).dtype == np.int64


def test_words_beside_others_are_those_that_are_new() -> None:
    two = hashes_of([b"two"])
    for known in (distinct([b"one"]), hashes_of([b"one"])):
        assert array_of(distinct_beside([b"two", b"one", b"two"], known)).tolist() == two.tolist()
        assert len(distinct_beside([], known)) == 0
    many = [b"w%d" % number for number in range(MANY)]
    assert sorted(distinct_beside([*many, b"one"], distinct([b"one"]))) == sorted(hashes_of(many).tolist())


def test_one_word_has_one_bucket() -> None:
    assert bucket_of("Integral") == buckets_of([b"integral"])[0]
    with pytest.raises(ValueError, match="unpack"):
        bucket_of("two words")


def test_words_spread_over_the_table() -> None:
    found = buckets_of(
        [f"word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}".encode() for n in range(9000)]
    )
    assert np.unique(found).size > 8500  # 9,000 drawn at random from 131,072 leave some 8,700


def test_buckets_do_not_depend_on_the_process() -> None:
    code = "from router.difficulty.words import bucket_of; print(bucket_of('integral'))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert seen == {f"{bucket_of('integral')}\n"}
