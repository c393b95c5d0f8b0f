"""If these fail, a metric is of another kind than it was declared, or lacks what a dashboard finds it by."""

from __future__ import annotations

from gateway.telemetry.family import Family, counter, gauge, histogram


def test_each_kind_has_what_belongs_to_it() -> None:
    assert counter("a_total", "A.", "route") == Family("tidegate_a_total", "counter", "A.", ("route",))
    assert gauge("b", "livesum", "B.") == Family("tidegate_b", "gauge", "B.", merge="livesum")
    assert histogram("c", "C.", (1.0, 2.0), "key") == Family("tidegate_c", "histogram", "C.", ("key",), (1.0, 2.0))
