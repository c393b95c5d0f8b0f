"""A user loses: a router that reads a prompt differently twice, or earlier turns as if they were asked now."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import read
from router.difficulty.view import View, view_of_text
from router.difficulty.words import bucket_of


@given(st.text(max_size=100))
def test_reading_twice_gives_the_same(text: str) -> None:
    one, two = read(view_of_text(text)), read(view_of_text(text))
    assert np.array_equal(one.structure, two.structure)
    assert np.array_equal(one.words, two.words)


def test_words_are_distinct() -> None:
    reading = read(view_of_text("the cat and the dog"))
    assert sorted(reading.words) == sorted(bucket_of(word) for word in ("the", "cat", "and", "dog"))
    assert reading.earlier.size == 0


def test_of_earlier_turns_only_other_words_are_read() -> None:
    reading = read(View("alpha", earlier="alpha beta", task_length=5))
    assert reading.words.tolist() == [bucket_of("alpha")]
    assert reading.earlier.tolist() == [bucket_of("beta")]


def test_earlier_turns_have_a_meaning_too() -> None:
    alone, after = read(View("integral")), read(View("integral", earlier="pancake"))
    assert np.linalg.norm(alone.meaning) == np.float32(1.0)
    assert 0 < float(alone.meaning @ after.meaning) < 1
