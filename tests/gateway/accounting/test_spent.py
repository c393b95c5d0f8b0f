"""If these fail, a budget that was rebuilt from the ledger lets too much through, or too little."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from gateway.accounting.ledger import Ledger
from gateway.accounting.record import Intent, Settlement
from gateway.accounting.spent import Whose, spent_by_worker
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

ALL = Whose()
DAY = 86_400.0


def spent(ledger: Ledger, whose: Whose = ALL, start: float = NOON, end: float = NOON + DAY) -> dict[str, Decimal]:
    return spent_by_worker(ledger, whose, start, end)


def test_nothing_was_spent_by_nobody(ledger: Ledger) -> None:
    assert spent(ledger) == {}


def test_each_worker_has_what_its_attempts_cost(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1", cost=Decimal("0.1")), settlement("a2", cost=Decimal("0.2"))], worker="one")
    apply(ledger, [settlement("a3", cost=Decimal("0.000000000001"))], worker="two")
    assert spent(ledger) == {"one": Decimal("0.3"), "two": Decimal("0.000000000001")}


@pytest.mark.parametrize(
    ("cost", "held", "counted"), [("0.1", "0.5", "0.1"), ("0", "0.5", "0"), (None, "0.5", "0.5"), (None, None, "0")]
)
def test_an_unknown_cost_counts_with_what_was_held(
    ledger: Ledger, cost: str | None, held: str | None, counted: str
) -> None:
    begun = intent("a1", held=None if held is None else Decimal(held))
    apply(ledger, [settlement(begun, cost=None if cost is None else Decimal(cost))], worker="one")
    assert spent(ledger) == {"one": Decimal(counted)}


def test_what_is_under_way_counts_with_what_it_holds_and_so_does_what_was_abandoned(ledger: Ledger) -> None:
    apply(ledger, [intent("a1", held=Decimal("0.5")), settlement("a2", cost=Decimal("0.1"))], worker="one")
    apply(ledger, [intent("a3", held=Decimal("0.25")), intent("a4")], worker="two")
    before = spent(ledger)
    assert before == {"one": Decimal("0.6"), "two": Decimal("0.25")}
    assert ledger.bury("two", NOON + 5, []) == 2
    assert spent(ledger) == before
    apply(ledger, [settlement(intent("a1", held=Decimal("0.5")), cost=Decimal("0.125"))], worker="one")
    assert spent(ledger) == {"one": Decimal("0.225"), "two": Decimal("0.25")}


def test_when_it_began_decides_and_the_end_is_not_in_it(ledger: Ledger) -> None:
    at = {"a1": NOON - 0.001, "a2": NOON, "a3": NOON + DAY - 0.001, "a4": NOON + DAY}
    for place, (name, moment) in enumerate(at.items()):
        late = settlement(intent(name, at=moment), at=moment + 2 * DAY, cost=Decimal(10**place))
        apply(ledger, [late, intent(f"b{name}", at=moment, held=Decimal(10**place) / 100)], worker="one")
    assert spent(ledger) == {"one": Decimal("110") + Decimal("1.10")}


@pytest.mark.parametrize(
    ("whose", "counted"),
    [
        (Whose(key="dev"), "1.5"),
        (Whose(team="red"), "11.1"),
        (Whose(route="auto"), "101.5"),
        (Whose(tag="batch"), "10.5"),
        (Whose(tag="bat"), "0"),
        (Whose(tag='"batch"'), "0"),
        (Whose(key="dev", tag="batch"), "0.5"),
        (ALL, "1111.6"),
    ],
)
def test_only_what_is_its_own_counts(ledger: Ledger, whose: Whose, counted: str) -> None:
    attempts: list[dict[str, Any]] = [
        {"key": "dev", "team": "red", "route": "auto"},
        {"key": "ops", "team": "red", "route": "other", "tags": ("batch", "eval")},
        {"key": "ops", "team": None, "route": "auto", "tags": ("eval",)},
        {"key": "ops", "team": "blue", "route": "other"},
    ]
    for place, changes in enumerate(attempts):
        begun = intent(f"a{place}", **changes)
        apply(ledger, [settlement(begun, cost=Decimal(10**place))], worker="one")
    held = Decimal("0.5")
    apply(ledger, [intent("b1", key="dev", team="blue", route="auto", tags=("batch",), held=held)], worker="one")
    apply(ledger, [intent("b2", key="ops", team="red", route="other", held=Decimal("0.1"))], worker="one")
    assert sum(spent(ledger, whose).values()) == Decimal(counted)


def test_rows_from_before_workers_were_written_down_are_nobody_s(ledger: Ledger) -> None:
    """And of what they held, or were tagged with, nothing is known."""
    with ledger._database.writing() as connection:
        values = {"attempt_id": "a1", "at": NOON, "settled_at": NOON, "outcome": "ok", "cost": Decimal("0.5")}
        connection.execute(insert(ATTEMPTS).values(values))
    assert spent(ledger) == {"": Decimal("0.5")}
    assert spent(ledger, Whose(tag="batch")) == {}


AMOUNTS = st.none() | st.decimals(min_value=0, max_value=1000, places=12)
ATTEMPTS_MADE = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(["dev", "ops"]), AMOUNTS, AMOUNTS, st.booleans()),
    max_size=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ATTEMPTS_MADE)
def test_it_is_the_sum_of_what_each_counts(
    ledger: Ledger, made: Sequence[tuple[str, str, Decimal | None, Decimal | None, bool]]
) -> None:
    with ledger._database.writing() as connection:
        connection.execute(delete(ATTEMPTS))
        connection.execute(delete(UNDER_WAY))
    expected: dict[str, Decimal] = {}
    for number, (worker, key, cost, held, is_over) in enumerate(made):
        begun = intent(f"a{number}", key=key, held=held)
        records: list[Intent | Settlement] = [settlement(begun, cost=cost)] if is_over else [begun]
        apply(ledger, records, worker=worker)
        if key == "dev":
            counted = cost if is_over and cost is not None else held
            expected[worker] = expected.get(worker, Decimal(0)) + (counted or 0)
    assert spent(ledger, Whose(key="dev")) == expected
