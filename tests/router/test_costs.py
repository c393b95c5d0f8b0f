"""If these fail, a budget buys more of the large model than it can pay for."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.costs import Costs, share_for

DOLLARS = st.floats(0, 10)


@given(st.floats(0, 10_000), DOLLARS, DOLLARS)
def test_a_share_costs_what_it_was_bought_for_and_no_more(budget: float, small: float, large: float) -> None:
    share = share_for(budget, small, large)
    assert 0 <= share <= 1
    if large > small and budget >= 1000 * small:
        assert 1000 * (share * large + (1 - share) * small) <= budget * (1 + 1e-9) + 1e-9


def test_what_cannot_pay_for_the_small_one_pays_for_no_large_one() -> None:
    assert share_for(0.5, 0.001, 0.01) == 0.0
    assert share_for(5.5, 0.001, 0.01) == pytest.approx(0.5)
    assert share_for(50, 0.001, 0.01) == 1.0


def test_a_large_one_that_costs_no_more_may_have_all() -> None:
    assert share_for(0.1, 0.01, 0.01) == 1.0


def test_means_follow_what_requests_cost() -> None:
    costs, dice = Costs(0.001, 0.01), random.Random(3)
    for _ in range(3000):
        costs.heed(dice.uniform(0.02, 0.04), True)
    assert costs.large == pytest.approx(0.03, rel=0.1)
    assert costs.small == 0.001


def test_one_dear_request_does_not_turn_everything() -> None:
    costs = Costs(0.001, 0.01)
    costs.heed(1.0, True)
    assert costs.large < 0.03
