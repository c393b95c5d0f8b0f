"""What a replay may decide again is read from the ledger: a sensitive request must never be among it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from gateway.accounting.asked import LEAST_ANSWERS, LEAST_PAIRS, Asked, Traffic, traffic_of
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.record import Settlement
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

HOME = {"deployment": "small", "zone": "local", "model": "tiny"}


def at_home(attempt_id: str, reason: str = "easy", **changes: object) -> Settlement:
    begun = intent(attempt_id, **{**HOME, "reason": reason, **changes})
    return settlement(begun, cost=Decimal("0.001"), counterfactual=Decimal("0.02"))


def large(attempt_id: str, reason: str = "hard", **changes: object) -> Settlement:
    begun = intent(attempt_id, **{"reason": reason, **changes})
    return settlement(begun, cost=Decimal("0.01"), counterfactual=Decimal("0.01"))


def read(ledger: Ledger, records: Sequence[Settlement]) -> Traffic:
    apply(ledger, records)
    with ledger.reading() as connection:
        return traffic_of(connection, Period(), "auto", ("small",), ("large",))


def only(traffic: Traffic) -> Asked:
    (asked,) = traffic.requests
    return asked


@pytest.mark.parametrize(
    ("reason", "steered", "went_large"),
    [
        ("easy", True, False),
        ("dial-spent", True, False),
        ("hard", True, True),
        ("unsure", True, True),
        ("sensitive", False, True),
        ("label", False, True),
        ("prefer-large", False, True),
        ("rule", False, True),
        ("large-unavailable", False, True),
    ],
)
def test_only_what_difficulty_decided_can_be_decided_again(
    ledger: Ledger, reason: str, steered: bool, went_large: bool
) -> None:
    asked = only(read(ledger, [large("a1", reason)]))
    assert (asked.steered, asked.large) == (steered, went_large)


def test_what_was_tried_besides_is_counted_besides(ledger: Ledger) -> None:
    failed = settlement(intent("a1", request_id="r", reason="hard"), outcome="error", cost=Decimal(1), usage=None)
    shadow = settlement(intent("a3", request_id="r", role="shadow", **HOME), cost=Decimal(2))
    asked = only(read(ledger, [failed, large("a2", request_id="r"), shadow]))
    assert asked.answer is not None
    assert asked.answer.deployment == "large"
    assert (asked.besides, asked.cost) == (Decimal(3), Decimal("3.01"))


def test_an_escalated_answer_keeps_the_first_decision(ledger: Ledger) -> None:
    looked_at = at_home("a1", request_id="r", role="cascade")
    asked = only(read(ledger, [looked_at, large("a2", "escalated", request_id="r")]))
    assert (asked.steered, asked.large, asked.besides) == (True, False, Decimal("0.001"))


def test_a_cost_that_is_unknown_makes_the_request_unknown(ledger: Ledger) -> None:
    lost = settlement(intent("a1", request_id="r", reason="hard"), outcome="error", cost=None, usage=None)
    asked = only(read(ledger, [lost, large("a2", request_id="r")]))
    assert (asked.besides, asked.cost) == (None, None)


def test_a_request_without_an_answer(ledger: Ledger) -> None:
    asked = only(read(ledger, [settlement("a1", outcome="error", cost=Decimal(1), usage=None)]))
    assert (asked.answer, asked.cost, asked.steered) == (None, Decimal(1), False)


def test_other_routes_are_not_in_it_and_the_order_is_that_of_time(ledger: Ledger) -> None:
    found = read(ledger, [
        settlement(intent("a1", request_id="z"), at=NOON, cost=Decimal(1)),
        settlement(intent("a2", request_id="b"), at=NOON + 2, cost=Decimal(2)),
        settlement(intent("a3", request_id="c"), at=NOON + 1, cost=Decimal(3)),
        settlement(intent("a4", route="embed"), cost=Decimal(4)),
    ])  # fmt: skip
    assert [asked.cost for asked in found.requests] == [Decimal(1), Decimal(3), Decimal(2)]


def pairs(number: int) -> list[Settlement]:
    """Questions that both classes were asked: 10 and 15 tokens, now this one the shadow, now the other."""
    found = []
    for place in range(number):
        first, second = ("answer", "shadow") if place % 2 else ("shadow", "answer")
        small = intent(f"b{place}", request_id=f"p{place}", role=first, reason="easy", **HOME)
        found.append(settlement(small, usage=Usage(100, 10), cost=Decimal("0.002")))
        big = intent(f"c{place}", request_id=f"p{place}", role=second, reason="hard")
        found.append(settlement(big, usage=Usage(100, 15), cost=Decimal("0.03")))
    return found


def test_how_much_longer_the_large_model_writes_is_measured_where_both_were_asked(ledger: Ledger) -> None:
    found = read(ledger, pairs(LEAST_PAIRS))
    assert found.pairs == LEAST_PAIRS
    assert found.longer is not None
    assert (found.longer.value, found.longer.low, found.longer.high) == (1.5, 1.5, 1.5)


def test_too_few_say_nothing(ledger: Ledger) -> None:
    found = read(ledger, pairs(LEAST_PAIRS - 1))
    assert (found.longer, found.pairs) == (None, LEAST_PAIRS - 1)
    assert found.per_token == {}  # 14 answers at home, 15 outside


def test_what_a_token_of_a_machine_costs(ledger: Ledger) -> None:
    found = read(ledger, [at_home(f"a{place}") for place in range(LEAST_ANSWERS)])
    assert found.per_token == {"small": Decimal("0.00005")}  # 0.001 $ for 20 tokens
