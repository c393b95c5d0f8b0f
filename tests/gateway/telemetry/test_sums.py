"""If these fail, what was added up is lost on its way to Prometheus."""

from __future__ import annotations

from decimal import Decimal

from prometheus_client import CollectorRegistry, Counter

from gateway.accounting.usage import Usage
from gateway.telemetry.children import Children, Distribution
from gateway.telemetry.sums import Bill, Spread, Tally

BOUNDS = (0.01, 0.1, 1.0)


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
