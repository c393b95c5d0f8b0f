"""p99 of a hundred is the largest."""

from __future__ import annotations

from bench.detection.quantile import quantile


def test_quantiles() -> None:
    values = range(100, 0, -1)
    assert quantile(values, 0.0) == 1
    assert quantile(values, 0.5) == 51
    assert quantile(values, 0.99) == 100
    assert quantile([3.0], 0.5) == 3.0
