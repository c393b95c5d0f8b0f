"""A user loses: a greeting that is not plainly easy, or an ordinary question that the ends push about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.ends import REACH, Ends, reached
from router.difficulty.features import read
from router.difficulty.parts import MeaningPart
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.view import view_of_text

WEIGHTS = np.random.Generator(np.random.PCG64(5)).normal(size=DIMENSIONS).astype(np.float32)
READING = read(view_of_text("Prove that the sum of two even integers is even."))


def ends(bias: float = 0.1, limit: float = 0.5) -> Ends:
    return Ends({"meaning": MeaningPart(WEIGHTS)}, bias, limit)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_order_is_kept_within_the_limits(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert -1 <= reached(low) <= reached(high) <= 1


def test_the_middle_is_silent_and_the_ends_are_not() -> None:
    assert abs(reached(0.2 * REACH)) < 0.001
    assert reached(REACH) == 1
    assert reached(-REACH) == -1


def test_a_score_is_the_sum_of_its_parts_reached() -> None:
    plain = 0.1 + float(READING.meaning @ WEIGHTS)
    assert ends().score(READING) == pytest.approx(0.5 * reached(plain), rel=1e-5)
    assert ends().times(0.5).score(READING) == pytest.approx(0.5 * ends().score(READING))


def test_arrays_come_back() -> None:
    again = Ends.from_arrays(ends().arrays())
    assert again.score(READING) == ends().score(READING)
    assert list(again.parts) == ["meaning"]


def test_damaged_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Ends.from_arrays(ends(bias=float("nan")).arrays())
    with pytest.raises(KeyError):
        Ends.from_arrays({"head": np.zeros(2), "oracle.weights": np.zeros(3)})
