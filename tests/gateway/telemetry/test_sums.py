"""If these fail, latencies are told wrongly, or what was added up is lost on its way to Prometheus."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram

from gateway.accounting.usage import Usage
from gateway.telemetry.sums import Bill, Children, Distribution, Spread, Tally

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


def test_sums_are_handed_on_once() -> None:
    registry = CollectorRegistry()
    counter = Counter("c", "c", ("route",), registry=registry)
    histogram = Distribution("d", "d", ("route",), registry=registry, buckets=BOUNDS)
    tally, spread = (
        Tally(Children(lambda labels: counter.labels(*labels))),
        Spread(Children(lambda labels: histogram.labels(*labels))),
    )
    for _ in range(3):
        tally.add(("auto",), 2)
        spread.add(("auto",), 0.05)
    assert registry.get_sample_value("c_total", {"route": "auto"}) is None
    for _ in range(2):
        tally.flush()
        spread.flush()
        assert registry.get_sample_value("c_total", {"route": "auto"}) == 6
        assert registry.get_sample_value("d_count", {"route": "auto"}) == 3


def test_a_bill_tells_savings_from_losses_attempt_by_attempt() -> None:
    bill = Bill()
    bill.add(Usage(10, 5, cached_tokens=4, reasoning_tokens=2), Decimal("0.25"), Decimal(1))
    bill.add(Usage(1, 1), Decimal(3), Decimal(1))
    bill.add(None, None, Decimal(0))
    bill.add(None, Decimal(1), None)
    assert (bill.attempts, bill.unknown) == (4, 1)
    assert (bill.prompt, bill.completion, bill.cached, bill.reasoning) == (11, 6, 4, 2)
    assert (bill.cost, bill.counterfactual, bill.saved, bill.lost) == (4.25, 2.0, 0.75, 2.0)
