"""Savings against another model: the same rows, other prices, and nothing else may change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gateway.accounting.against import Named, UnknownPrice, account_against
from gateway.accounting.catalogue import Catalogue
from gateway.accounting.dimensions import DIMENSIONS
from gateway.accounting.history import Past
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.record import Settlement
from gateway.accounting.savings import account
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Usage
from gateway.config.price import MachinePrice, Price, TokenPrice
from gateway.config.settings import Deployment
from tests.gateway.accounting.samples import apply, intent, intents, settlement, settlements
from tests.gateway.accounting.test_savings import IDS, like_others

ALWAYS = Period()
HOME = {"deployment": "small", "zone": "local", "model": "tiny"}
PRICE = Price(tokens=TokenPrice(input=Decimal(10), output=Decimal(50)))
DEPLOYMENTS = {
    "dear": Deployment(
        zone="cloud",
        engine="openai",
        model="dear",
        price=Price(tokens=TokenPrice(input=Decimal(10), output=Decimal(50))),
    ),
    "box": Deployment(
        zone="local", engine="openai", model="box", price=Price(machine=MachinePrice(per_hour=Decimal("3.6")))
    ),
    "odd": Deployment(zone="cloud", engine="openai", base_url="http://10.0.0.1/v1", model="odd"),
}


def dear() -> Named:
    return Named.of("dear", DEPLOYMENTS, catalogue=Catalogue(Path("/nowhere")))


def test_each_answer_is_priced_anew_and_what_gave_none_is_not(ledger: Ledger) -> None:
    apply(ledger, [
        settlement(intent("a1", **HOME), usage=Usage(1000, 200), cost=Decimal("0.001"), counterfactual=Decimal(9)),
        settlement(intent("a2", deployment=""), outcome="hit", usage=Usage(1000, 100), cost=Decimal(0), cache="hit"),
        settlement(intent("a3", request_id="r4"), outcome="error", usage=None, cost=Decimal("0.002"), status=502),
        settlement(intent("a4", request_id="r4"), usage=Usage(500, 0), cost=Decimal("0.004"), counterfactual=None),
        settlement(intent("a5", role="judge", request_id="r4"), usage=Usage(700, 7), cost=Decimal("0.003")),
        settlement(intent("a6"), usage=Usage(500, 0), cost=None),
    ])  # fmt: skip
    found = account_against(ledger, ("deployment",), ALWAYS, "dear", dear())
    # 10 $ and 50 $ a million: 0.02 for a1, 0.015 for a2, 0.005 for a4
    assert found.total.reference == Decimal("0.04")
    assert found.total.saved == Decimal("0.03")
    assert found.total.not_compared == 1
    assert [(line.group, line.saved) for line in found.lines] == [
        (("",), Decimal("0.015")),
        (("large",), Decimal("-0.004")),
        (("small",), Decimal("0.019")),
    ]
    assert (found.projection.basis, found.projection.all_large) == (3, Decimal("13333.333333333333"))
    assert found.against == "dear"


def test_against_a_machine_an_answer_from_the_cache_is_not_compared(ledger: Ledger) -> None:
    """Nobody knows how long it would have taken."""
    apply(ledger, [
        settlement("a1", latency=2.5, cost=Decimal("0.01")),
        settlement(intent("a2", deployment=""), outcome="hit", latency=0.001, cost=Decimal(0), cache="hit"),
    ])  # fmt: skip
    total = account_against(ledger, (), ALWAYS, "box", Named.of("box", DEPLOYMENTS)).total
    assert (total.reference, total.saved, total.not_compared) == (Decimal("0.0025"), Decimal("-0.0075"), 1)


def test_a_model_of_the_price_list_can_be_named(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1", usage=Usage(1_000_000, 0), cost=Decimal(1))])
    total = account_against(ledger, (), ALWAYS, "gpt-4o", Named.of("gpt-4o", DEPLOYMENTS)).total
    assert total.reference == Decimal("2.5")


@pytest.mark.parametrize("name", ["odd", "no-such-model-anywhere"])
def test_a_model_without_a_price_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(UnknownPrice, match="such as gpt-4o"):
        Named.of(name, DEPLOYMENTS)


def test_what_was_estimated_moves_both_sides(ledger: Ledger) -> None:
    guess = Usage(1000, 0, estimated=True)
    apply(ledger, [
        settlement(intent("a1", **HOME), usage=guess, cost=Decimal("0.001")),
        settlement("a2", usage=guess, cost=Decimal("0.004")),
    ])  # fmt: skip
    total = account_against(ledger, (), ALWAYS, "dear", dear(), timed=("small",)).total
    assert total.saved == Decimal("0.015")
    # Half to four times the tokens: the reference is 0.02, 0.004 of the cost is by the token, 0.001 by the time.
    assert total.saved_between == (Decimal("0.007"), Decimal("0.063"))
    assert total.spent_between == (Decimal("0.003"), Decimal("0.017"))


def as_written(past: Past) -> Decimal | None:
    return past.counterfactual


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(settlements(intents(IDS).map(like_others)), max_size=10, unique_by=lambda record: record.attempt_id),
    st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True),
)
def test_with_the_reference_of_the_time_it_is_the_ordinary_account(
    ledger: Ledger, ended: list[Settlement], by: list[str]
) -> None:
    """Two ways to the same sums: the database's, and attempt by attempt."""
    with ledger._database.writing() as connection:
        connection.execute(delete(ATTEMPTS))
    apply(ledger, ended)
    assert replace(account_against(ledger, by, ALWAYS, "x", as_written), against=None) == account(ledger, by, ALWAYS)
