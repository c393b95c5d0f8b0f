"""A user loses: a router that cannot tell code from a greeting, or one that reads a prompt differently twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import EARLIER_WEIGHT, GRAM_BITS, STRUCTURE_NAMES, WORD_BITS, read
from router.difficulty.view import View, view_of_text


def structure(text: str) -> dict[str, float]:
    return dict(zip(STRUCTURE_NAMES, read(view_of_text(text)).structure.tolist(), strict=True))


@given(st.text(max_size=300))
def test_any_text_gives_finite_numbers_in_range(text: str) -> None:
    reading = read(view_of_text(text))
    assert np.isfinite(reading.structure).all()
    assert reading.structure.shape == (len(STRUCTURE_NAMES),)
    for buckets, bits in ((reading.word_buckets, WORD_BITS), (reading.gram_buckets, GRAM_BITS)):
        assert np.all(np.diff(buckets) > 0)
        assert not buckets.size or (buckets[0] >= 0 and buckets[-1] < 1 << bits)


@given(st.text(max_size=100))
def test_reading_twice_gives_the_same(text: str) -> None:
    one, two = read(view_of_text(text)), read(view_of_text(text))
    assert np.array_equal(one.structure, two.structure)
    assert np.array_equal(one.word_buckets, two.word_buckets)


def test_cues_are_seen_in_four_languages() -> None:
    for text in ("Prove it", "Démontrez le théorème", "Beweise den Satz", "Demuestra el teorema"):
        assert structure(text)["has_prove"] == 1.0, text
    assert structure("What is the capital of France?")["has_prove"] == 0.0
    assert structure("What is the capital of France?")["has_question"] == 1.0
    assert structure("Übersetze ins Spanische")["has_simple"] == 1.0


def test_code_has_brackets_and_underscores() -> None:
    code, prose = structure("def f(x_1): return [x_1]"), structure("a walk along the sea")
    assert code["share_bracket"] > prose["share_bracket"] == 0
    assert code["share_underscore_backtick"] > 0
    assert code["has_code"] == 1.0


def test_counts_are_logarithms_of_one_plus_the_count() -> None:
    found = structure("1 + 22 =\n?")
    assert found["log_digits"] == np.float32(np.log1p(3))
    assert found["log_lines"] == np.float32(np.log1p(1))
    assert found["log_questions"] == np.float32(np.log1p(1))
    assert found["very_short"] == 1.0


def test_the_shape_of_the_request_is_seen() -> None:
    with_tools = read(View("hi", task_length=2, tool_length=900, system_length=50, turns=3)).structure
    names = dict(zip(STRUCTURE_NAMES, with_tools.tolist(), strict=True))
    assert names["log_tools"] > 6
    assert names["log_system"] > 3
    assert names["log_turns"] > 1


def test_words_of_earlier_turns_count_less() -> None:
    reading = read(View("alpha", earlier="alpha beta", task_length=5))
    assert reading.word_values.tolist() == [1.0, *[np.float32(EARLIER_WEIGHT)] * 2]  # beta, and the pair "alpha beta"


def test_grams_can_be_left_out() -> None:
    view = view_of_text("a longer text")
    assert read(view).gram_buckets.size > 0
    assert read(view, with_grams=False).gram_buckets.size == 0
