"""A user loses: confident numbers about prompts in a language the model never saw."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.familiarity import LEAST, MOST, Familiarity, enough
from router.difficulty.features import Reading, read
from router.difficulty.view import view_of_text
from router.difficulty.words import BUCKETS


def reading(text: str) -> Reading:
    return read(view_of_text(text))


def fitted(*texts: str) -> Familiarity:
    return Familiarity.fitted([reading(text) for text in texts], np.arange(len(texts)) % 2)


def test_the_share_of_known_words() -> None:
    familiarity = fitted("the cat sat", "the dog sat")
    assert familiarity.share(reading("the cat ran away")) == 0.5
    assert familiarity.share(reading("")) == 0.0


def test_what_is_mostly_unknown_is_not_known() -> None:
    familiarity = fitted("the cat sat", "the dog sat")
    assert familiarity.knows(reading("the cat"))
    assert not familiarity.knows(reading("你好，今天天气怎么样？"))
    assert not familiarity.knows(reading(""))


def test_the_least_share_is_enough_and_no_words_never_are() -> None:
    assert enough(3, 5, 0.6)
    assert not enough(2, 5, 0.6)
    assert not enough(0, 0, 0.6)
    assert not enough(1, 1, 0.0)


def test_the_bound_stays_within_its_limits() -> None:
    assert fitted("same words here", "same words here").least == MOST
    assert fitted("one two", "three four").least == LEAST


def test_joined_knows_what_either_knows() -> None:
    joined = fitted("one two", "one two").joined(fitted("three four", "three four"))
    assert joined.share(reading("one three")) == 1.0


def test_arrays_come_back() -> None:
    familiarity = fitted("the cat sat", "the dog sat")
    again = Familiarity.from_arrays(familiarity.arrays())
    assert np.array_equal(again.known, familiarity.known)
    assert again.least == familiarity.least


def test_arrays_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=str(BUCKETS)):
        Familiarity.from_arrays({"known": np.zeros(8, np.uint8), "least": np.array([0.5])})
