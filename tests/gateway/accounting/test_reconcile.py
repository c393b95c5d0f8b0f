"""What a provider billed beside what was booked: no difference may be missed, and none made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.reconcile import Reconciled, reconciled
from gateway.accounting.statement import Entry, Statement
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import apply, intent, settlement

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))


def at(day: date, hour: int = 12) -> float:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()


@pytest.fixture
def week(ledger: Ledger) -> Ledger:
    """Two calls of gpt-4o on Monday, one on Tuesday; one of another model; one at home, one that failed."""
    mini = {"model": "openai/gpt-4o-mini", "deployment": "mini"}
    apply(ledger, [
        settlement("a1", at=at(MONDAY), usage=Usage(100, 20, cached_tokens=10), cost=Decimal("0.01")),
        settlement("a2", at=at(MONDAY, 23), usage=Usage(200, 30), cost=Decimal("0.02")),
        settlement("a3", at=at(TUESDAY), usage=Usage(1, 2), cost=Decimal("0.005")),
        settlement(intent("a4", **mini), at=at(MONDAY), usage=Usage(7, 8), cost=Decimal("0.001")),
        settlement(intent("a5", zone="local", deployment="small", model="tiny"), at=at(MONDAY), cost=Decimal(1)),
        settlement("a6", at=at(WEDNESDAY), outcome="error", usage=None, cost=Decimal(0), status=429),
    ])  # fmt: skip
    return ledger


def compare(ledger: Ledger, *entries: Entry, deployments: set[str] | None = None, **more: object) -> Reconciled:
    with ledger.reading() as connection:
        return reconciled(connection, Statement(None, entries), deployments, **more)  # type: ignore[arg-type]


def verdicts(found: Reconciled) -> list[tuple[date, str | None, str]]:
    return [(line.day, line.model, line.verdict) for line in found.lines]


USED = (
    Entry(MONDAY, "gpt-4o-2024-08-06", 2, 300, 10, 50),
    Entry(MONDAY, "gpt-4o-mini-2024-07-18", 1, 7, 0, 8),
    Entry(TUESDAY, "gpt-4o-2024-08-06", 1, 1, 0, 2),
)
PAID = (
    Entry(MONDAY, "gpt-4o-2024-08-06", cost=Decimal("0.018")),  # input
    Entry(MONDAY, "gpt-4o-2024-08-06", cost=Decimal("0.012")),  # output
    Entry(MONDAY, "gpt-4o-mini", cost=Decimal("0.0010000004")),
    Entry(TUESDAY, "gpt-4o-2024-08-06", cost=Decimal("0.005")),
)


@pytest.mark.parametrize("entries", [USED, PAID])
def test_what_agrees(week: Ledger, entries: tuple[Entry, ...]) -> None:
    """Versions behind names, lines by kind of token, and a statement's rounding are no differences."""
    found = compare(week, *entries)
    assert verdicts(found) == [
        (MONDAY, "gpt-4o", "agrees"),
        (MONDAY, "gpt-4o-mini", "agrees"),
        (TUESDAY, "gpt-4o", "agrees"),
    ]
    assert found.agrees


def test_what_differs_by_a_token(week: Ledger) -> None:
    found = compare(week, Entry(MONDAY, "gpt-4o", 2, 301, 10, 50), *USED[1:])
    assert [line.verdict for line in found.lines] == ["differs", "agrees", "agrees"]
    assert found.lines[0].difference("prompt_tokens") == -1
    assert found.lines[0].difference("completion_tokens") == 0
    assert found.total.difference("prompt_tokens") == -1
    assert not found.agrees


def test_what_is_missing_on_either_side(week: Ledger) -> None:
    found = compare(week, *PAID[:3], Entry(TUESDAY, "o3", cost=Decimal("0.7")))
    assert verdicts(found)[2:] == [(TUESDAY, "gpt-4o", "not in the statement"), (TUESDAY, "o3", "not in the ledger")]
    assert [line.difference("cost") for line in found.lines[2:]] == [Decimal("0.005"), Decimal("-0.7")]


def test_a_cost_that_the_ledger_does_not_know_is_no_difference_and_no_agreement(week: Ledger) -> None:
    apply(week, [settlement("a7", at=at(MONDAY), usage=Usage(5, 5), cost=None)])
    line = compare(week, *PAID).lines[0]
    assert (line.verdict, line.difference("cost")) == ("unknown", None)
    assert line.here is not None
    assert line.here.unknown == 1
    assert compare(week, Entry(MONDAY, "gpt-4o", 3, 305, 10, 55), *USED[1:]).agrees  # its tokens are known


def test_a_statement_of_whole_days(week: Ledger) -> None:
    found = compare(week, Entry(MONDAY, None, cost=Decimal("0.031")), Entry(TUESDAY, None, cost=Decimal("0.006")))
    assert verdicts(found) == [(MONDAY, None, "agrees"), (TUESDAY, None, "differs")]


def test_only_the_deployments_that_are_on_it(week: Ledger) -> None:
    found = compare(week, Entry(MONDAY, "gpt-4o-mini", cost=Decimal("0.001")), deployments={"mini"})
    assert found.agrees


def test_only_the_days_that_are_asked_for(week: Ledger) -> None:
    found = compare(week, *PAID[:2], period=Period(at(TUESDAY, 0), at(WEDNESDAY, 0)))
    assert verdicts(found) == [(TUESDAY, "gpt-4o", "not in the statement")]


def test_a_tolerance_is_a_share(week: Ledger) -> None:
    entries = (Entry(MONDAY, "gpt-4o", cost=Decimal("0.0303")), *PAID[2:])
    assert not compare(week, *entries, tolerance=Decimal("0.009")).agrees
    assert compare(week, *entries, tolerance=Decimal("0.01")).agrees


def test_another_name_for_the_same_model(week: Ledger) -> None:
    entries = (Entry(MONDAY, "GPT four", 2, 300, 10, 50), *USED[1:])
    assert [line.verdict for line in compare(week, *entries).lines][:2] == ["not in the ledger", "not in the statement"]
    assert compare(week, *entries, aliases={"GPT four": "gpt-4o"}).agrees


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Claude Sonnet 4.5", "claude-sonnet-4-5-20250929"), ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-latest")],
)
def test_names_of_bills(ledger: Ledger, theirs: str, ours: str) -> None:
    apply(ledger, [settlement(intent("a1", model=f"anthropic/{ours}"), at=at(MONDAY), cost=Decimal(1))])
    assert compare(ledger, Entry(MONDAY, theirs, cost=Decimal(1))).agrees


def test_of_two_versions_nobody_guesses(ledger: Ledger) -> None:
    models = ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06")
    apply(ledger, [settlement(intent(f"a{n}", model=model), at=at(MONDAY)) for n, model in enumerate(models)])
    found = compare(ledger, Entry(MONDAY, "gpt-4o", 2, 200, 20, 40))
    assert [line.verdict for line in found.lines] == ["not in the ledger", *["not in the statement"] * 2]
    exact = compare(ledger, *(Entry(MONDAY, model, 1, 100, 10, 20) for model in models))
    assert exact.agrees
