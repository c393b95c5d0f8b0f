"""If these fail, the report on the dial measures something else than 5,000 requests under drift."""

from __future__ import annotations

import numpy as np
import pytest

from bench.dial import MUST, REQUESTS, SCENARIOS, achieved, against_spite, replicas_achieved

KNOWN = np.sort(np.random.Generator(np.random.PCG64(1)).beta(2, 3, 4000))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_5000_requests_that_change(name: str) -> None:
    drawn = SCENARIOS[name](KNOWN, np.random.Generator(np.random.PCG64(2)))
    assert drawn.shape == (REQUESTS,)
    early, late = drawn[: REQUESTS // 2], drawn[REQUESTS // 2 :]
    if name.startswith("harder"):
        assert late.mean() > early.mean() + 0.1
    if name == "a language nobody can tell":
        assert np.isnan(late).mean() > 0.5
    assert abs(achieved(KNOWN, 0.3, SCENARIOS[name]) - 0.3) <= MUST


def test_spite_and_replicas_are_measured_too() -> None:
    assert 0.3 < against_spite(0.3) <= 0.3 + MUST
    assert abs(replicas_achieved(KNOWN, 0.3) - 0.3) <= MUST
