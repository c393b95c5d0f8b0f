"""If these fail, what the cache saved is told wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.accounting.cached import Cached, cached_by_route
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.record import Settlement
from tests.gateway.accounting.samples import NOON, apply, intent, settlement


def given(attempt_id: str, saved: str | None, cache: Any = "hit", **changes: Any) -> Settlement:
    counterfactual = None if saved is None else Decimal(saved)
    return settlement(
        intent(attempt_id, **changes), outcome="hit", cache=cache, cost=Decimal(0), counterfactual=counterfactual
    )


def test_by_route(ledger: Ledger) -> None:
    apply(ledger, [
        settlement("a1"),
        settlement(intent("a2", request_id="r1"), outcome="error"),  # the same request, tried elsewhere
        given("a3", "0.000000000001"),
        given("a4", "0.1"),
        given("a5", None),
        given("a6", "0.2", cache="stale"),
        settlement("a7", cache="bypass"),
        settlement("a8", cache="off"),
        settlement(intent("a9", role="shadow")),
        given("b1", "1", route="faq"),
        settlement(intent("b2", route="none"), cache="off"),
    ])  # fmt: skip
    auto, faq = cached_by_route(ledger, Period())
    assert auto == Cached("auto", 6, 3, 1, 1, Decimal("0.300000000001"), 1)
    assert faq == Cached("faq", 1, 1, 0, 0, Decimal(1), 0)
    assert (auto.share, faq.share) == (4 / 6, 1.0)
    assert cached_by_route(ledger, Period(NOON + 100)) == []
