"""A user loses: a head that learned nothing and says that it did, or one whose figures come from rows it has seen."""

from __future__ import annotations

import numpy as np
import pytest

from router.cascade.features import FEATURE_NAMES
from router.cascade.fitting import CannotFit, Fitted, fit

SIZE = len(FEATURE_NAMES)


def rows(count: int, strength: float, seed: int = 1) -> tuple[list[list[float]], list[float], list[str]]:
    """Answers whose first feature tells bad ones, as strongly as said; some of the second cannot be seen."""
    random = np.random.Generator(np.random.PCG64(seed))
    columns = random.normal(size=(count, SIZE))
    bad = random.random(count) < 1 / (1 + np.exp(-strength * columns[:, 0]))
    columns[random.random(count) < 0.3, 1] = np.nan
    return columns.tolist(), (1.0 - bad).tolist(), [str(number) for number in range(count)]


def fitted(count: int, strength: float) -> Fitted:
    return fit(*rows(count, strength))


def test_what_can_be_learned_is_learned() -> None:
    found = fitted(400, 2.0)
    assert found.figures.knows
    assert found.head.knows
    assert (found.figures.auroc.value or 0) > 0.75
    assert (found.figures.ece.value or 1) < 0.08
    assert found.head.weights[0] == max(found.head.weights)
    fresh, good, _ = rows(300, 2.0, seed=2)
    doubts = np.array([found.head.probability(row) for row in fresh])
    bad = 1 - np.array(good)
    assert doubts[bad > 0.5].mean() > doubts[bad < 0.5].mean() + 0.2


def test_where_there_is_nothing_to_learn_it_says_so() -> None:
    found = fitted(200, 0.0)
    assert not found.figures.knows
    assert found.head.doubt([3.0] * SIZE) is None


def test_rows_of_one_question_are_never_on_both_sides() -> None:
    """Else copies of a row would tell what the row is."""
    columns, good, _ = rows(60, 0.0)
    found = fit(columns * 5, good * 5, [str(number) for number in range(60)] * 5)
    assert (found.figures.auroc.value or 1) < 0.7


def test_shares_are_taken_as_they_are() -> None:
    columns, good, groups = rows(200, 2.0)
    found = fit(columns, [0.25 + 0.5 * each for each in good], groups)
    assert found.figures.knows
    assert 0.2 < found.head.probability([2.0, *[0.0] * (SIZE - 1)]) < 0.85


@pytest.mark.parametrize(("count", "good"), [(39, 0.5), (100, 1.0), (100, 0.0)])
def test_what_cannot_be_fitted(count: int, good: float) -> None:
    columns, _, groups = rows(count, 1.0)
    with pytest.raises(CannotFit):
        fit(columns, [good] * count, groups)
