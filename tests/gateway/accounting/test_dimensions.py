"""A day's sum must hold the whole day and nothing of the next, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.savings import account
from tests.gateway.accounting.samples import apply, settlement


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        ("2026-11-30T00:00:00", "2026-11-30", "2026-11"),
        ("2026-11-30T23:59:59.999900", "2026-11-30", "2026-11"),  # neither database may round it up
        ("2026-12-01T00:00:00", "2026-12-01", "2026-12"),
        ("2028-02-29T12:00:00", "2028-02-29", "2028-02"),
    ],
)
def test_days_and_months(ledger: Ledger, moment: str, day: str, month: str) -> None:
    apply(ledger, [settlement("a1", at=at(moment), cost=Decimal(1))])
    assert [line.group for line in account(ledger, ("day", "month"), Period()).lines] == [(day, month)]


def test_lines_come_in_the_order_of_time(ledger: Ledger) -> None:
    apply(ledger, [settlement(f"a{day}", at=at(f"2026-11-{day:02}")) for day in (20, 3, 11)])
    assert [line.group[0] for line in account(ledger, ("day",), Period()).lines] == [
        "2026-11-03",
        "2026-11-11",
        "2026-11-20",
    ]
