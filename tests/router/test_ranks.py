"""If these fail, a dial starts far from what it asks for, or a step of its controller means more here than there."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.ranks import NOBODY, STEPS, Ranks, start

EVEN = tuple(step / 100 for step in range(101))
LUMP = (0.1,) * 60 + (0.2,) * 20 + (0.9,) * 21
QUANTILES = st.lists(st.floats(0, 1), min_size=2, max_size=60).map(lambda values: tuple(sorted(values)))


def test_below_the_lowest_rank_is_everything_and_above_the_highest_nothing() -> None:
    ranks = Ranks.of(EVEN)
    assert ranks.threshold(0.0) == ranks.threshold(-0.3) == 0.0
    assert ranks.threshold(1.0) == pytest.approx(1.0)
    assert ranks.threshold(1.0001) == NOBODY


@given(QUANTILES, st.lists(st.floats(-0.2, 1.2), min_size=2, max_size=20))
def test_a_higher_rank_is_never_a_lower_difficulty(quantiles: tuple[float, ...], turned: list[float]) -> None:
    ranks = Ranks.of(quantiles)
    assert len(ranks.grid) == STEPS + 1
    thresholds = [ranks.threshold(rank) for rank in sorted(turned)]
    assert all(before <= after for before, after in pairwise(thresholds))


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("abstained", [0.0, 0.04])
def test_a_share_starts_where_the_table_has_it(share: float, abstained: float) -> None:
    threshold = Ranks.of(EVEN).threshold(start(EVEN, abstained, share))
    assert (1 - threshold) * (1 - abstained) + abstained == pytest.approx(share, abs=0.002)


def test_a_share_of_a_table_with_lumps_starts_at_the_edge_of_one() -> None:
    assert 0.2 < Ranks.of(LUMP).threshold(start(LUMP, 0.0, 0.21)) <= 0.9
    assert Ranks.of(LUMP).threshold(start(LUMP, 0.0, 0.9)) == pytest.approx(0.1, abs=0.01)


def test_none_and_all_are_exactly_that() -> None:
    ranks = Ranks.of(EVEN)
    assert ranks.threshold(start(EVEN, 0.0, 0.0)) == NOBODY
    assert ranks.threshold(start(EVEN, 0.3, 0.0)) == NOBODY
    assert ranks.threshold(start(EVEN, 0.0, 1.0)) == 0.0


def test_what_nobody_can_tell_goes_first() -> None:
    """With more of them than may go at all, nothing else goes, and the controller has to hold some of them back."""
    assert start(EVEN, 0.4, 0.3) == 1.0


def test_what_lies_outside_of_the_table_is_told_apart_all_the_same() -> None:
    ranks = Ranks.of((0.4, 0.45, 0.5))
    assert 0.5 < ranks.threshold(0.98) < ranks.threshold(0.99) < 1
    assert 0 < ranks.threshold(0.005) < ranks.threshold(0.015) < 0.4
