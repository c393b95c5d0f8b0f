"""If these fail, latencies are told wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from gateway.telemetry.children import Distribution

BOUNDS = (0.01, 0.1, 1.0)


@given(st.lists(st.one_of(st.sampled_from(BOUNDS), st.floats(0, 10)), max_size=20))
def test_many_amounts_at_once_are_what_they_are_one_by_one(amounts: list[float]) -> None:
    one, other = CollectorRegistry(), CollectorRegistry()
    Distribution("d", "d", registry=one, buckets=BOUNDS).observe_all(amounts)
    plain = Histogram("d", "d", registry=other, buckets=BOUNDS)
    for amount in amounts:
        plain.observe(amount)
    for bound in ("0.01", "0.1", "1.0", "+Inf"):
        labels = {"le": bound}
        assert one.get_sample_value("d_bucket", labels) == other.get_sample_value("d_bucket", labels)
    assert one.get_sample_value("d_sum") == pytest.approx(other.get_sample_value("d_sum"))
