"""A FinOps tool reads this without anybody there to explain: names, formats and what must not be null."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import pytest

from gateway.accounting.focus import COLUMNS, Charges, as_focus, charges
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.usage import Usage
from gateway.config.settings import Deployment
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

ALWAYS = Period()
DAY = 86_400
OPENAI = Deployment(zone="cloud", engine="openai", base_url="https://api.openai.com/v1", model="gpt-4o")

# The specification's mandatory columns, and which of them it lets be null in a row of usage.
MANDATORY = {
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd"),
    *("ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity"),
    *("PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory"),
}
NULL_IN_USAGE = {"ChargeClass"}
# All of version 1.2; what else there is must say that it is of somebody's own.
SPECIFIED = MANDATORY | {
    *("ChargeFrequency", "ConsumedQuantity", "ConsumedUnit", "PricingCategory", "RegionId", "RegionName", "ResourceId"),
    *("ResourceName", "ResourceType", "SubAccountId", "SubAccountName", "SubAccountType", "Tags"),
}


@pytest.fixture
def found(ledger: Ledger) -> Charges:
    """Two days; what cost nobody knows what, and what came from the cache, are no charges."""
    home = {"deployment": "small", "zone": "local", "model": "tiny"}
    large = {"usage": Usage(100, 20, cached_tokens=10), "cost": Decimal("0.01"), "counterfactual": Decimal("0.01")}
    apply(ledger, [
        settlement(intent("a1", tags=("blue", "tidegate")), **large),
        settlement(intent("a2", tags=("blue", "tidegate")), **large),
        settlement(intent("a3", **home, team=None), cost=Decimal("0.0001"), counterfactual=None, at=NOON + DAY),
        settlement(intent("a4", role="judge", zone="eu", deployment="judge"), cost=Decimal("0.002")),
        settlement(intent("a5"), cost=None),
        settlement(intent("a6", deployment=""), outcome="hit", cost=Decimal(0), cache="hit"),
    ])  # fmt: skip
    with ledger.reading() as connection:
        return charges(connection, ALWAYS, {"large": OPENAI})


@pytest.fixture
def rows(found: Charges) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_focus(found.rows)), strict=True))


def test_a_row_for_each_day_and_who_and_what(rows: list[dict[str, str]]) -> None:
    shown = ("ChargePeriodStart", "ResourceId", "ProviderName", "x_Requests", "BilledCost", "x_ReferenceCost")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("2026-05-28T00:00:00Z", "judge", "judge", "1", "0.002", ""),
        ("2026-05-28T00:00:00Z", "large", "OpenAI", "2", "0.02", "0.02"),
        ("2026-05-29T00:00:00Z", "small", "Self-hosted", "1", "0.0001", ""),
    ]


def test_what_it_says_of_a_row(rows: list[dict[str, str]]) -> None:
    row = rows[1]
    assert row["ChargePeriodEnd"] == "2026-05-29T00:00:00Z"
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z")
    assert (row["ConsumedQuantity"], row["ConsumedUnit"], row["PricingQuantity"]) == ("240", "Tokens", "2")
    assert row["SubAccountId"] == "red"
    assert json.loads(row["Tags"]) == {
        "blue": True,
        "tidegate": True,
        "tidegate/key": "dev",
        "tidegate/role": "answer",
        "tidegate/route": "auto",
        "tidegate/team": "red",
    }
    assert [row["RegionId"] for row in rows] == ["eu", "", ""]


def test_an_unknown_cost_is_left_out_and_counted(found: Charges) -> None:
    assert found.left_out == 1
    assert sum(charge.cost for charge in found.rows) == Decimal("0.0221")


def test_the_columns_are_those_of_the_specification(rows: list[dict[str, str]]) -> None:
    assert set(COLUMNS) >= MANDATORY
    assert {name for name in COLUMNS if not name.startswith("x_")} <= SPECIFIED
    for row in rows:
        assert {name for name in MANDATORY if row[name] == ""} == NULL_IN_USAGE
        assert all(
            re.fullmatch(r"-?\d+(\.\d+)?", row[name])
            for name in COLUMNS
            if name.endswith(("Cost", "Quantity")) and row[name]
        )
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[name]) for name in COLUMNS if "Period" in name)


def test_a_reference_of_which_a_part_is_unknown_is_unknown(ledger: Ledger) -> None:
    """Beside the whole cost, what is known of it would look like all of it."""
    one = settlement("a1", cost=Decimal(1), counterfactual=Decimal(3))
    apply(ledger, [one, settlement("a2", cost=Decimal(1), counterfactual=None)])
    with ledger.reading() as connection:
        (row,) = csv.DictReader(io.StringIO(as_focus(charges(connection, ALWAYS, {}).rows)))
    assert (row["BilledCost"], row["x_ReferenceCost"]) == ("2", "")


def test_december_ends_with_the_year(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1", at=1_798_675_200.0, cost=Decimal(1))])  # 2026-12-31
    with ledger.reading() as connection:
        (row,) = csv.DictReader(io.StringIO(as_focus(charges(connection, ALWAYS, {}).rows)))
    assert row["BillingPeriodEnd"] == row["ChargePeriodEnd"] == "2027-01-01T00:00:00Z"
