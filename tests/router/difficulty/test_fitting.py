"""A user loses: weights on disk that do not say what the fit found."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.features import read
from router.difficulty.fitting import MIN_SLOPE, Design, Recipe, blank_parts, folds, platt, ridge
from router.difficulty.labels import Labels
from router.difficulty.matrix import Matrix
from router.difficulty.view import view_of_text

TEXTS = [f"{'prove the theorem' if number % 2 else 'say hello'} number {number} please" for number in range(60)]
TARGET = np.array([float(number % 2) for number in range(60)])
READINGS = [read(view_of_text(text)) for text in TEXTS]


def test_the_parts_score_what_the_columns_predict() -> None:
    recipe = Recipe(strength=1.0)
    matrix = Matrix.of(READINGS)
    design = Design.of(matrix, recipe, blank_parts(matrix))
    coefficients, bias = ridge(design.columns, TARGET, np.ones(60), recipe.strength)
    predicted = design.columns @ coefficients + bias
    parts = design.parts(coefficients)
    assert set(parts) == {"words", "meaning", "structure"}
    scored = [bias + sum(part.score(reading) for part in parts.values()) for reading in READINGS]
    assert scored == pytest.approx(predicted.tolist(), abs=1e-4)
    assert predicted[TARGET == 1].min() > predicted[TARGET == 0].max()


def test_platt_finds_the_sigmoid_that_drew_the_labels() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    scores = random.normal(size=6000)
    strong = np.ones(6000)
    weak = (random.random(6000) > 1 / (1 + np.exp(-(2.0 * scores - 1.0)))).astype(float)
    found = platt(scores, Labels(weak, strong), np.ones(6000))
    assert found.slope == pytest.approx(2.0, abs=0.15)
    assert found.shift == pytest.approx(-1.0, abs=0.15)


def test_platt_keeps_the_ranking_of_scores_that_mean_the_opposite_and_says_the_base_rate() -> None:
    scores = np.linspace(9.9, 10.1, 200)
    labels = Labels((scores > 10.05).astype(float), np.ones(200))
    found = platt(scores, labels, np.ones(200))
    assert found.slope == pytest.approx(MIN_SLOPE / scores.std())
    assert found.probability(10.0) == pytest.approx(float(labels.share.mean()), abs=0.01)


def test_platt_of_one_kind_of_label_gives_its_rate() -> None:
    found = platt(np.linspace(-1, 1, 20), Labels(np.zeros(20), np.ones(20)), np.ones(20))
    assert found.probability(0.0) == pytest.approx(0.99)
    assert found.slope > 0


def test_folds_are_even_and_keep_groups_together() -> None:
    assert np.bincount(folds(50, 5)).tolist() == [10] * 5
    groups = np.repeat(np.arange(10), 5)
    fold = folds(50, 5, groups)
    assert all(len(set(fold[groups == group])) == 1 for group in range(10))
    assert np.bincount(fold).tolist() == [10] * 5
