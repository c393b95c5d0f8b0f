"""A user loses: a score that is not the sum its parts claim, or a damaged part that is used all the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import EARLIER_WEIGHT, cut, read
from router.difficulty.parts import PARTS, MeaningPart, Part, StructurePart, WordPart
from router.difficulty.shape import RELATION, shape_of
from router.difficulty.structure import SHAPE, STRUCTURE_NAMES, cues_of
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.view import View, view_of_text
from router.difficulty.words import BUCKET_SHIFT, BUCKETS, array_of

READING = read(view_of_text("Prove that the sum of two even integers is even."))


def word_part(seed: int) -> WordPart:
    random = np.random.Generator(np.random.PCG64(seed))
    weights = random.normal(size=BUCKETS).astype(np.float32)
    return WordPart(weights, np.linspace(1, 9, BUCKETS, dtype=np.float32))


def structure_part(seed: int) -> StructurePart:
    size = len(STRUCTURE_NAMES)
    weights = np.random.Generator(np.random.PCG64(seed)).normal(size=size).astype(np.float32)
    return StructurePart(weights, np.full(size, 0.1, np.float32), np.full(size, 0.5, np.float32))


def test_hashed_features_are_scaled_to_unit_length() -> None:
    part = word_part(1)
    tfidf = part.idf[READING.words]
    expected = (tfidf / np.linalg.norm(tfidf)) @ part.weights[READING.words]
    assert part.score(READING) == pytest.approx(float(expected), rel=1e-4)


def test_words_of_earlier_turns_count_less() -> None:
    part, reading = word_part(1), read(View("alpha", earlier="beta gamma"))
    buckets = np.concatenate((reading.words, reading.earlier))
    tfidf = part.idf[buckets] * np.array([1.0, EARLIER_WEIGHT, EARLIER_WEIGHT])
    expected = (tfidf / np.linalg.norm(tfidf)) @ part.weights[buckets]
    assert part.score(reading) == pytest.approx(float(expected), rel=1e-4)


def test_an_empty_prompt_scores_nothing_on_words() -> None:
    assert word_part(1).score(read(view_of_text(""))) == 0.0


def test_structure_is_clipped() -> None:
    part = structure_part(2)
    assert float(np.abs(part.standard(np.full(len(STRUCTURE_NAMES), 1e9, np.float32))).max()) == 4.0


@given(st.text(max_size=200) | st.sampled_from(["Prove it! " * 40, "{x_1: [2^n]} * `<b>`\n" * 9]))
def test_structure_weighed_as_it_is_found_is_the_same(text: str) -> None:
    part = structure_part(5)
    view = view_of_text(text)
    encoded, count, words, _ = cut(view)
    cues = cues_of(array_of(words) >> BUCKET_SHIFT)
    counts = view, encoded, count, len(words), cues, shape_of(view.task, encoded, cues[RELATION])
    assert part.weighing().weigh(counts) == pytest.approx(part.score(read(view)), abs=1e-4)


def test_a_number_that_cannot_be_nothing_is_clipped_from_below() -> None:
    size = len(STRUCTURE_NAMES)
    part = StructurePart(np.ones(size, np.float32), np.full(size, 9, np.float32), np.ones(size, np.float32))
    view = view_of_text("Why?")
    counts = view, b"Why?", 1, 1, cues_of(read(view).words), shape_of("Why?", b"Why?", 0)
    assert part.score(read(view)) == -4 * size
    assert part.weighing().weigh(counts) == pytest.approx(-4 * size)


def test_a_part_over_the_shape_alone_counts_no_marks() -> None:
    size = len(STRUCTURE_NAMES)
    weights = np.zeros(size, np.float32)
    weights[SHAPE.start : SHAPE.stop] = 1.0
    part = StructurePart(weights, np.full(size, 0.1, np.float32), np.full(size, 0.5, np.float32))
    view = view_of_text("If 3 cats eat 12 mice, how many mice does each cat eat? `x` {y}")
    encoded, count, words, _ = cut(view)
    cues = cues_of(array_of(words) >> BUCKET_SHIFT)
    weighing = part.weighing()
    assert not weighing.marks
    counts = view, encoded, count, len(words), cues, shape_of(view.task, encoded, cues[RELATION])
    assert weighing.weigh(counts) == pytest.approx(part.score(read(view)), abs=1e-4)


def meaning_part(seed: int) -> MeaningPart:
    return MeaningPart(np.random.Generator(np.random.PCG64(seed)).normal(size=DIMENSIONS).astype(np.float32))


@pytest.mark.parametrize("part", [word_part(3), meaning_part(3), structure_part(3)], ids=list(PARTS))
def test_parts_are_linear(part: Part) -> None:
    once = part.score(READING)
    assert part.times(2.5).score(READING) == pytest.approx(2.5 * once, rel=1e-4)
    assert part.plus(part.times(0.5)).score(READING) == pytest.approx(1.5 * once, rel=1e-4)


def test_parts_over_other_features_are_not_added() -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        word_part(1).plus(WordPart(word_part(1).weights, np.ones(BUCKETS, np.float32)))
    with pytest.raises(ValueError, match="cannot be added"):
        word_part(1).plus(structure_part(1))
    with pytest.raises(ValueError, match="cannot be added"):
        structure_part(1).plus(word_part(1))
    with pytest.raises(ValueError, match="cannot be added"):
        meaning_part(1).plus(word_part(1))


@pytest.mark.parametrize("name", list(PARTS))
def test_arrays_come_back(name: str) -> None:
    parts: dict[str, Part] = {"words": word_part(4), "meaning": meaning_part(4), "structure": structure_part(4)}
    part = parts[name]
    again = PARTS[name].from_arrays(part.arrays())
    assert again.score(READING) == part.score(READING)


def test_arrays_of_another_size_or_not_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite numbers"):
        WordPart.from_arrays({"weights": np.zeros(5), "idf": np.zeros(5)})
    bad = dict(structure_part(1).arrays())
    bad["scale"] = np.full(len(STRUCTURE_NAMES), np.nan)
    with pytest.raises(ValueError, match="finite numbers"):
        StructurePart.from_arrays(bad)
    bad["scale"] = np.zeros(len(STRUCTURE_NAMES))
    with pytest.raises(ValueError, match="above 0"):
        StructurePart.from_arrays(bad)
