"""A scan that could go on for ever says so instead."""

from __future__ import annotations

import pytest

from router.sensitivity.budget import Budget, TooManyCandidatesError


def is_spent(budget: Budget) -> bool:
    return budget.spent  # asked anew each time


def test_runs_out_and_stays_so() -> None:
    budget = Budget(0)
    budget.spend(1_000)
    assert not is_spent(budget)
    with pytest.raises(TooManyCandidatesError):
        budget.spend(1_000_000)
    assert is_spent(budget)
    with pytest.raises(TooManyCandidatesError):
        budget.spend()


def test_grows_with_the_text() -> None:
    def steps(size: int) -> int:
        budget, count = Budget(size), 0
        while not budget.spent:
            try:
                budget.spend_pass(0)
            except TooManyCandidatesError:
                break
            count += 1
        return count

    assert steps(0) == steps(100_000)  # a text of any size has as many as it takes to read an ordinary long one
    assert steps(2_000_000) > steps(1_000_000)
    assert abs(steps(4_000_000) - 2 * steps(2_000_000)) <= 1  # and no more for a character than that
