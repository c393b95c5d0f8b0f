"""If these fail, shadow evaluation spends more of a day than somebody allowed it to."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from gateway.learning.spending import Spending
from gateway.stores.sql import DatabaseUnavailable

DAY = "2026-11-27"
BUDGET = Decimal(1)


@pytest.fixture
def spending(sql_url: str) -> Iterator[Spending]:
    opened = Spending.open(sql_url, 10)
    yield opened
    opened.close()


def test_a_budget_is_held_up_to_its_last_quantum_and_not_beyond(spending: Spending) -> None:
    assert spending.hold(DAY, "auto", Decimal("0.6"), BUDGET)
    assert not spending.hold(DAY, "auto", Decimal("0.400000000001"), BUDGET)
    assert spending.hold(DAY, "auto", Decimal("0.4"), BUDGET)
    assert not spending.hold(DAY, "auto", Decimal("0.000000000001"), BUDGET)
    assert spending.hold(DAY, "auto", Decimal(0), BUDGET)


def test_what_was_not_spent_can_be_held_again(spending: Spending) -> None:
    assert spending.hold(DAY, "auto", Decimal(1), BUDGET)
    spending.give_back(DAY, "auto", Decimal("0.25"))
    assert not spending.hold(DAY, "auto", Decimal("0.26"), BUDGET)
    assert spending.hold(DAY, "auto", Decimal("0.25"), BUDGET)


def test_what_was_spent_beyond_counts(spending: Spending) -> None:
    assert spending.hold(DAY, "auto", Decimal("0.5"), BUDGET)
    spending.give_back(DAY, "auto", Decimal("-0.25"))
    assert not spending.hold(DAY, "auto", Decimal("0.26"), BUDGET)
    assert spending.hold(DAY, "auto", Decimal("0.25"), BUDGET)


def test_what_is_less_than_a_quantum_is_not_given_away(spending: Spending) -> None:
    assert spending.hold(DAY, "auto", Decimal("0.9999999999995"), BUDGET)
    spending.give_back(DAY, "auto", Decimal("0.0000000000005"))
    assert not spending.hold(DAY, "auto", Decimal("0.0000000000001"), BUDGET)


def test_each_day_and_each_route_has_its_own(spending: Spending) -> None:
    assert spending.hold(DAY, "auto", BUDGET, BUDGET)
    assert spending.hold("2026-11-28", "auto", BUDGET, BUDGET)
    assert spending.hold(DAY, "other", BUDGET, BUDGET)
    assert not spending.hold(DAY, "auto", Decimal("0.1"), BUDGET)


def test_many_at_once_do_not_overrun_it(spending: Spending, sql_url: str) -> None:
    """Workers and replicas have connections of their own."""
    others = [Spending.open(sql_url, 30) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        asked = [pool.submit(other.hold, DAY, "auto", Decimal("0.03"), BUDGET) for other in others for _ in range(20)]
        held = sum(future.result() for future in asked)
    assert held == 33
    for other in others:
        other.close()


def test_a_database_that_is_none_is_away() -> None:
    with pytest.raises(DatabaseUnavailable):
        Spending.open("sqlite:////proc/nowhere/learning.db")
