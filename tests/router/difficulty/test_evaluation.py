"""A user loses: figures that flatter. Every figure is checked against a case worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.evaluation import Interval, apgr, auroc, cpt, ece, interval, recovered

GAP = np.array([1.0, 0.0, 1.0, 0.0])


def test_perfect_worst_and_constant_ranking() -> None:
    assert apgr(np.array([4.0, 2, 3, 1]), GAP) == pytest.approx(0.75)
    assert apgr(np.array([1.0, 3, 2, 4]), GAP) == pytest.approx(0.25)
    assert apgr(np.zeros(4), GAP) == pytest.approx(0.5)


def test_cpt_is_the_smallest_share_that_recovers_enough() -> None:
    ranked = np.array([4.0, 2, 3, 1])
    assert cpt(ranked, GAP, 50) == 0.25
    assert cpt(ranked, GAP, 80) == 0.5
    assert cpt(np.array([1.0, 3, 2, 4]), GAP, 80) == 1.0


def test_rows_on_which_the_strong_model_is_worse_count_against_it() -> None:
    assert recovered(np.array([3.0, 2, 1]), np.array([1.0, -1, 1])) == pytest.approx([0, 1, 0, 1])


def test_without_a_gap_there_is_nothing_to_recover() -> None:
    for gap in (np.zeros(3), -np.ones(3), np.empty(0)):
        assert apgr(np.arange(gap.size, dtype=float), gap) is None
        assert cpt(np.arange(gap.size, dtype=float), gap, 50) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([-1.0, 0.0, 1.0])), min_size=2, max_size=60))
def test_a_ranking_and_its_reverse_add_up_to_one(rows: list[tuple[float, float]]) -> None:
    difficulty, gap = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    one, other = apgr(difficulty, gap), apgr(-difficulty, gap)
    if one is None or other is None:
        assert gap.sum() <= 0
    else:
        assert one + other == pytest.approx(1.0)


def test_auroc_by_hand() -> None:
    hard = np.array([True, False, True, False])
    assert auroc(np.array([0.9, 0.1, 0.4, 0.4]), hard) == pytest.approx(3.5 / 4)
    assert auroc(np.array([0.9, 0.1]), np.array([True, True])) is None


def test_ece_of_a_calibrated_and_of_a_wrong_estimate() -> None:
    label = np.array([0.0, 1.0] * 50)
    weight = np.ones(100)
    assert ece(np.full(100, 0.5), label, weight) == pytest.approx(0.0)
    assert ece(np.full(100, 0.9), label, weight) == pytest.approx(0.4)
    assert ece(np.full(100, 0.9), label, np.zeros(100)) is None
    assert ece(label, label, weight) == pytest.approx(0.0)


def test_rows_without_weight_do_not_count() -> None:
    probability, label = np.array([0.5] * 40 + [0.99]), np.array([1.0, 0.0] * 20 + [0.0])
    assert ece(probability, label, np.array([1.0] * 40 + [0.0])) == pytest.approx(0.0)
    assert (ece(probability, label, np.array([1.0] * 40 + [40.0])) or 0) > 0.4


def test_the_interval_holds_the_value_and_is_the_same_every_time() -> None:
    values = np.linspace(0, 1, 50)

    def mean(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float | None:
        return float(values[rows].mean())

    found = interval(mean, 50)
    assert found == interval(mean, 50)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high
    assert 0.1 < found.high - found.low < 0.25
    assert str(found).startswith("0.500 [")
    assert found.card() == [0.5, round(found.low, 4), round(found.high, 4)]


def test_a_figure_that_is_not_defined_says_so() -> None:
    assert interval(lambda _: None, 5) == Interval(None, None, None)
    assert str(Interval(None, None, None)) == "n/a"
    assert Interval(None, None, None).card() is None
