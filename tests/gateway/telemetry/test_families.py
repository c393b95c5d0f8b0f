"""If this fails, a gauge of several workers shows the number of whichever happens to be read."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from gateway.telemetry.families import counter, gauge
from gateway.telemetry.family import Family


def test_a_gauge_says_how_the_values_of_workers_merge() -> None:
    with pytest.raises(ValueError, match="must say how"):
        gauge(Family("tidegate_x", "gauge", "Something."), CollectorRegistry())


def test_a_family_without_labels_has_one_child() -> None:
    registry = CollectorRegistry()
    counter(Family("tidegate_x_total", "counter", "Something."), registry)[()].inc()
    assert registry.get_sample_value("tidegate_x_total") == 1
