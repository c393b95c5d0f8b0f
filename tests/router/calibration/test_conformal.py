"""If these fail, "at most 5 % of the hard ones stay local" is a sentence, not a promise."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.calibration.conformal import STEPS, places_for, rows_for, thresholds


@pytest.mark.parametrize(
    ("alpha", "rows", "places"),
    [("0.05", 18, 0), ("0.05", 19, 1), ("0.05", 39, 2), ("0.1", 9, 1), ("0.1", 8, 0), ("1", 7, 7), ("0", 1000, 0)],
)
def test_places_are_counted_exactly(alpha: str, rows: int, places: int) -> None:
    """In floats, 0.05 · 20 may come to less than 1."""
    assert places_for(Decimal(alpha), rows) == places


@given(st.decimals(Decimal("0.0001"), 1, places=4))
def test_so_many_rows_are_enough_and_one_less_is_not(alpha: Decimal) -> None:
    needed = rows_for(alpha)
    assert needed is not None
    assert needed == 0 or places_for(alpha, needed) >= 1
    assert needed == 0 or places_for(alpha, needed - 1) == 0


def test_no_number_of_rows_promises_everything() -> None:
    assert rows_for(Decimal(0)) is None
    assert thresholds([0.5] * 10_000)[0] is None


@given(st.lists(st.floats(0, 1), max_size=300), st.integers(0, STEPS))
def test_no_more_rows_lie_below_than_were_allowed(hard: list[float], step: int) -> None:
    threshold = thresholds(hard)[step]
    if threshold is not None:
        assert sum(value < threshold for value in hard) <= step / STEPS * (len(hard) + 1)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
@pytest.mark.parametrize("rows", [30, 300])
def test_of_rows_it_never_saw_at_most_alpha_stay_on_average(alpha: float, rows: int) -> None:
    """2,000 calibrations, each tried on one further row: what the theorem is about."""
    dice = random.Random(rows)
    below = 0
    for _ in range(2000):
        threshold = thresholds([dice.betavariate(3, 2) for _ in range(rows)])[round(alpha * STEPS)]
        below += threshold is not None and dice.betavariate(3, 2) < threshold
    assert below / 2000 <= alpha + 3 * (alpha * (1 - alpha) / 2000) ** 0.5
