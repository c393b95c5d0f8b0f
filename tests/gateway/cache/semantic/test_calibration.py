"""If these fail, a threshold lets through more than it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.cache.semantic.calibration import Judged, Pair, Rate, calibrate, judge, rates
from gateway.cache.semantic.encoder import Vector


def judged(same: bool, similarity: float, objection: str | None = None) -> Judged:
    return Judged(same, "en", similarity, objection)


def test_of_the_thresholds_that_cost_no_hit_the_highest() -> None:
    pairs = [judged(True, 0.9), judged(True, 0.8), judged(False, 0.7), judged(False, 0.95, "numbers")]
    found = calibrate(pairs, 0.0)
    assert found is not None
    assert found.threshold == 0.8
    assert (found.hits.hits, found.false_hits.hits) == (2, 0)


def test_false_hits_are_worth_more_than_hits() -> None:
    found = calibrate([judged(True, 0.9), judged(True, 0.7), judged(False, 0.8)], 0.0)
    assert found is not None
    assert 0.8 < found.threshold <= 0.9
    assert found.hits.hits == 1


def test_where_nothing_helps_there_is_none() -> None:
    assert calibrate([judged(True, 0.9), judged(False, 1.0)], 0.0) is None


PAIRS = some.lists(
    some.builds(judged, some.booleans(), some.floats(0, 1), some.sampled_from([None, "numbers"])), min_size=1
)


@given(PAIRS, some.floats(0, 0.5))
def test_never_more_false_hits_than_allowed(pairs: list[Judged], most: float) -> None:
    found = calibrate(pairs, most)
    if found is not None:
        assert rates(pairs, found.threshold).false_hits.share <= most


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 150, 0.0, 0.0250), (75, 150, 0.4209, 0.5791), (150, 150, 0.9750, 1.0), (1, 10, 0.0179, 0.4042)],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert Rate(hits, total).interval == pytest.approx((low, high), abs=0.0005)


def test_no_pairs_say_nothing() -> None:
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_a_pair_is_judged_by_both() -> None:
    def vector(text: str) -> Vector:
        return np.array([1.0, 0.0] if "10" in text else [0.6, 0.8], dtype=np.float32)

    found = judge([Pair("What is 10?", "What is 20?", False), Pair("これ", "What is it?", True)], vector)
    assert found[0].similarity == pytest.approx(0.6)
    assert (found[0].same, found[0].language, found[0].objection) == (False, "en", "numbers")
    assert (found[1].language, found[1].objection) == ("", "language")
