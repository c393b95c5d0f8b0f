"""A wrong quantile, or a part left out, would show a decision that is cheaper than it is."""

from __future__ import annotations

import pytest

from bench.decision import measure, quantile


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [([3.0], 0.99, 3.0), ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0), ([float(n) for n in range(1, 1001)], 0.99, 990.0)],
)
def test_a_quantile_is_one_of_the_values(values: list[float], q: float, expected: float) -> None:
    assert quantile(values, q) == expected


def test_both_parts_are_measured_apart_and_together() -> None:
    found = measure(prompts=3)
    assert list(found) == ["tokens20to60", "tokens200", "tokens2000"]
    for figures in found.values():
        assert figures["scan.p50"] > 0
        assert figures["difficulty.p50"] > 0
        assert figures["decision.p99"] >= max(figures["scan.p99"], figures["difficulty.p99"])
