"""A user loses: an estimate that can be changed after the decision was explained."""

from __future__ import annotations

import pytest

from router.difficulty.estimate import Difficulty


def test_an_estimate_is_a_value() -> None:
    estimate = Difficulty(0.3)
    assert not estimate.abstained
    assert estimate == Difficulty(0.3, abstained=False)
    with pytest.raises(AttributeError):
        estimate.probability = 0.9  # type: ignore[misc]
