"""If these fail, an operator reads wrong numbers of budgets, or none at the first alert."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.telemetry import budget_counts as module
from gateway.telemetry.counts import Counts
from tests.gateway.telemetry.test_counts import counting, value


def stands(counts: Counts, whose: str) -> list[float | None]:
    return [
        value(counts, name, budget="month", whose=whose)
        for name in ("budget_amount_dollars", "budget_spent_dollars", "budget_held_dollars", "budget_share")
    ]


def test_how_a_budget_stands() -> None:
    counts = counting()
    counts.budgets.stands("month", "web", Decimal(200), Decimal("150.5"), Decimal("0.25"))
    assert stands(counts, "web") == [200, 150.5, 0.25, 0.7525]
    counts.budgets.stands("month", "web", Decimal(200), Decimal(0), Decimal(0))
    assert stands(counts, "web") == [200, 0, 0, 0]


def test_a_budget_of_nothing_has_no_share() -> None:
    counts = counting()
    counts.budgets.stands("month", "", Decimal(0), Decimal("0.5"), Decimal(0))
    assert stands(counts, "") == [0, 0.5, 0, None]


def test_the_series_of_budgets_are_bounded_and_what_is_beyond_is_in_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BUDGETS", 3)
    counts = counting()
    for number in range(5):
        counts.budgets.stands("month", f"key{number}", Decimal(10), Decimal(number), Decimal(0))
    counts.budgets.stands("month", "key1", Decimal(10), Decimal(9), Decimal(0))
    assert [value(counts, "budget_spent_dollars", budget="month", whose=f"key{n}") for n in range(5)] == [
        *(0, 9, 2, None, None)
    ]


def test_what_can_be_told_is_shown_before_it_is_so_that_the_first_time_is_an_increase() -> None:
    counts = counting()
    counts.budgets.declare(["month"], ["ops"])
    assert value(counts, "alerts_total", budget="month", kind="budget.share") == 0
    assert value(counts, "alerts_total", budget="month", kind="budget.limit") == 0
    assert value(counts, "budget_unknown_total", budget="month") == 0
    assert value(counts, "limit_refusals_total", scope="key", kind="tokens") == 0
    assert value(counts, "limit_refusals_total", scope="total", kind="budget") == 0
    assert value(counts, "webhook_tries_total", webhook="ops", result="told") == 0
    assert value(counts, "alerts_lost_total", sink="webhook:ops", reason="gave_up") == 0
    counts.budgets.alerted("month", "budget.limit")
    assert value(counts, "alerts_total", budget="month", kind="budget.limit") == 1
