"""A day's sum must hold the whole day and nothing of the next, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.savings import account
from gateway.accounting.tables import ATTEMPTS
from tests.gateway.accounting.samples import apply, intent, settlement


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


def test_what_has_several_tags_is_in_each_line_and_once_in_the_total(ledger: Ledger) -> None:
    begun = [intent("a1", tags=("batch", "blue")), intent("a2", tags=("blue",)), intent("a3", request_id="r1")]
    apply(ledger, [settlement(each, cost=Decimal(2**place)) for place, each in enumerate(begun)])
    found = account(ledger, ("tag",), Period())
    assert [(*line.group, line.attempts, line.requests, line.spent) for line in found.lines] == [
        (None, 1, 1, Decimal(4)),
        ("batch", 1, 1, Decimal(1)),
        ("blue", 2, 2, Decimal(3)),
    ]
    assert (found.total.spent, found.total.requests) == (Decimal(7), 2)
    assert [line.group for line in account(ledger, ("tag", "key"), Period()).lines] == [
        (None, "dev"),
        ("batch", "dev"),
        ("blue", "dev"),
    ]


def test_rows_from_before_there_were_tags_have_none(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1", cost=Decimal(1))])
    with ledger._database.writing() as connection:
        connection.execute(update(ATTEMPTS).values(tags=None))
    assert [line.group for line in account(ledger, ("tag",), Period()).lines] == [(None,)]
