"""If these fail, `tidegate calibrate` prints figures that were measured on the rows the table was made of."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.calibration.crossfit import FOLDS, Proportion, Rows, coverage, quality_large, shares
from router.ranks import NOBODY


def rows(count: int = 2000, *, tells: bool = True, labelled: bool = True, copies: int = 1, seed: int = 3) -> Rows:
    """Difficulties that tell hard rows from others, or that have nothing to do with them."""
    random = np.random.Generator(np.random.PCG64(seed))
    difficulty = random.random(count)
    hard = random.random(count) < (difficulty if tells else 0.5)
    return Rows(difficulty, random.random(count) < 0.02, hard if labelled else None, np.arange(count) // copies)


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("quality", ["0.8", "0.95"])
def test_the_quality_asked_for_is_kept_on_rows_held_out_however_bad_the_model(tells: bool, quality: str) -> None:
    found = coverage(rows(tells=tells), Decimal(quality))
    assert found is not None
    kept, share = found
    assert kept.interval[1] >= float(quality)
    assert kept.value == pytest.approx(float(quality), abs=0.03)
    assert (share.value < float(quality) - 0.03) == tells  # else quality is bought with share alone


def test_the_share_asked_for_is_met_on_rows_held_out() -> None:
    for asked, found in zip((0.1, 0.5, 0.9), shares(rows(), (0.1, 0.5, 0.9)), strict=True):
        low, high = found.interval
        assert low - 0.01 <= asked <= high + 0.01


def test_a_row_is_never_judged_by_a_table_that_it_is_in() -> None:
    """20 hard rows are enough for a table, but not without those of the fold that is judged."""
    few = rows(200, labelled=False)
    for count, enough in ((40, True), (20, False)):
        judged = Rows(few.difficulty, few.abstained, np.arange(200) < count, few.group)
        assert judged.table().threshold_for(Decimal("0.95")) is not None
        assert (quality_large(judged, Decimal("0.95")) is not None) == enough


def test_copies_of_a_prompt_stay_together() -> None:
    copied = rows(400, copies=4)
    fold = copied.fold()
    assert all(len(set(fold[copied.group == group])) == 1 for group in range(100))
    assert set(fold) == set(range(FOLDS))


def test_without_labels_there_is_no_coverage() -> None:
    assert coverage(rows(labelled=False), Decimal("0.5")) is None


def test_what_nobody_can_tell_goes_to_the_large_model_unless_nothing_does() -> None:
    few = Rows(np.array([0.1, 0.9]), np.array([True, False]), None, np.arange(2))
    assert few.large(0.95).tolist() == [True, False]
    assert few.large(NOBODY).tolist() == [False, False]


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(hits: int, more: int) -> None:
    found = Proportion(min(hits, more), more)
    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1


@pytest.mark.parametrize(("hits", "count", "low", "high"), [(5, 50, 0.0435, 0.2136), (0, 20, 0.0, 0.1611)])
def test_wilsons_interval_is_the_published_one(hits: int, count: int, low: float, high: float) -> None:
    assert list(Proportion(hits, count).interval) == pytest.approx([low, high], abs=1e-4)


def test_of_nothing_nothing_is_known() -> None:
    assert Proportion(0, 0).interval == (0.0, 1.0)
    assert str(Proportion(1, 4)) == "0.250 [0.046, 0.699]"
