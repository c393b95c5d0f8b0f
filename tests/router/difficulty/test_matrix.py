"""A user loses: a model fitted on other numbers than the ones it is asked with."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.features import read
from router.difficulty.matrix import Matrix, idf, tfidf
from router.difficulty.parts import WordPart
from router.difficulty.view import View, view_of_text
from router.difficulty.words import BUCKETS

TEXTS = ("the cat sat on the mat", "the dog", "prove that 2 is even", "")
READINGS = [read(view_of_text(text)) for text in TEXTS]


def test_rarer_words_weigh_more() -> None:
    weights = idf(Matrix.of(READINGS).words)
    the, dog = (read(view_of_text(word)).words[0] for word in ("the", "dog"))
    assert weights[the] == pytest.approx(np.log(5 / 3) + 1)
    assert weights[dog] > weights[the]


def test_rows_have_unit_length_but_for_an_empty_one() -> None:
    words = Matrix.of(READINGS).words
    lengths = np.sqrt(np.asarray(tfidf(words, idf(words)).power(2).sum(axis=1)).ravel())
    assert lengths == pytest.approx([1, 1, 1, 0])


def test_a_row_times_weights_is_what_the_part_scores() -> None:
    readings = [*READINGS, read(View("hello", earlier="the cat", task_length=5))]
    words = Matrix.of(readings).words
    weights = np.random.Generator(np.random.PCG64(1)).normal(size=BUCKETS).astype(np.float32)
    part = WordPart(weights, idf(words))
    expected = tfidf(words, part.idf) @ weights
    assert [part.score(reading) for reading in readings] == pytest.approx(expected.tolist(), abs=1e-5)


def test_taking_rows() -> None:
    taken = Matrix.of(READINGS).take(np.array([2, 0]))
    assert taken.words.shape[0] == taken.structure.shape[0] == 2
    assert taken.words[1].nnz == READINGS[0].words.size
