"""If these fail, who looks for an attempt does not find it, or sees it with another's values."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text

from gateway.accounting.attempts import Begun, Ended, Place, Wanted, ended, of_request, page, place_of, under_way
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.row import COLUMNS
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

ALL = Wanted()


def names(attempts: Sequence[Ended]) -> list[str]:
    return [attempt.attempt_id for attempt in attempts]


def test_it_has_a_field_for_each_column() -> None:
    assert Ended.__struct_fields__ == COLUMNS


def test_an_attempt_has_what_is_known_of_it(ledger: Ledger) -> None:
    begun = intent("a1", tags=("batch",), held=Decimal("0.5"))
    apply(ledger, [settlement(begun, cost=None, usage=Usage(100, 20, tier="flex"))], worker="w1")
    with ledger.reading() as connection:
        (found,) = ended(connection, ALL, limit=5)
    assert (found.attempt_id, found.worker, found.tags, found.tier) == ("a1", "w1", ["batch"], "flex")
    assert (found.cost, found.held, found.counterfactual) == (None, Decimal("0.5"), Decimal("0.000425"))
    assert (found.findings, found.estimated, found.streamed) == ({"EMAIL": 2}, False, True)
    assert place_of(found) == (NOON + 2, "a1")


def test_a_row_of_an_earlier_version_is_shown_for_what_it_says(ledger: Ledger) -> None:
    with ledger._database.writing() as connection:
        connection.execute(insert(ATTEMPTS).values(attempt_id="a1", settled_at=NOON, outcome="ok"))
    with ledger.reading() as connection:
        (found,) = ended(connection, ALL, limit=5)
    assert (found.worker, found.tags, found.held, found.findings, found.role) == (None, None, None, None, "answer")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ALL, ["a4", "a3", "a2", "a1"]),
        (Wanted(key="ops"), ["a3", "a2"]),
        (Wanted(team="blue"), ["a4"]),
        (Wanted(route="other", key="ops"), ["a3"]),
        (Wanted(deployment=""), ["a4"]),
        (Wanted(zone="local"), ["a3"]),
        (Wanted(model="llama"), ["a3"]),
        (Wanted(role="shadow"), ["a2"]),
        (Wanted(outcome="hit"), ["a4"]),
        (Wanted(tag="batch"), ["a3", "a2"]),
        (Wanted(tag="batch", route="auto"), ["a2"]),
        (Wanted(period=Period(NOON + 1, NOON + 3)), ["a2", "a1"]),
        (Wanted(key="nobody"), []),
    ],
)
def test_those_are_shown_that_are_all_of_what_is_asked(ledger: Ledger, wanted: Wanted, expected: list[str]) -> None:
    made: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {"at": NOON + 1}),
        ({"key": "ops", "role": "shadow", "tags": ("batch",)}, {"at": NOON + 2}),
        ({"key": "ops", "route": "other", "zone": "local", "model": "llama", "tags": ("a", "batch")}, {"at": NOON + 3}),
        ({"team": "blue", "deployment": ""}, {"at": NOON + 4, "outcome": "hit"}),
    ]
    apply(ledger, (settlement(intent(f"a{number}", **begun), **end) for number, (begun, end) in enumerate(made, 1)))
    with ledger.reading() as connection:
        assert names(ended(connection, wanted, limit=10)) == expected
        assert names(ended(connection, wanted, limit=10, newest_first=False)) == expected[::-1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([NOON, NOON + 0.1, NOON + 1 / 3]), max_size=9), st.integers(1, 4), st.booleans())
def test_page_by_page_each_is_shown_once(ledger: Ledger, moments: list[float], limit: int, newest_first: bool) -> None:
    with ledger._database.writing() as connection:
        connection.execute(delete(ATTEMPTS))
    apply(ledger, (settlement(f"a{number}", at=moment) for number, moment in enumerate(moments)))
    with ledger.reading() as connection:
        everything = ended(connection, ALL, limit=100, newest_first=newest_first)
        assert sorted(names(everything)) == [f"a{number}" for number in range(len(moments))]
        assert sorted(map(place_of, everything), reverse=newest_first) == list(map(place_of, everything))
        seen: list[Ended] = []
        after: Place | None = None
        while page := ended(connection, ALL, after, limit=limit, newest_first=newest_first):
            assert len(page) <= limit
            seen += page
            after = place_of(page[-1])
    assert seen == everything


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("after", [None, (NOON, "a1")])
def test_a_page_is_found_by_an_index(tmp_path: Path, newest_first: bool, after: Place | None) -> None:
    """A ledger grows for years; who turns its pages must not read all of it for each."""
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    with ledger.reading() as connection:
        query = page(Wanted(key="dev"), after, "sqlite", newest_first=newest_first).limit(5)
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert any("USING INDEX attempts_settled_at" in step for step in plan)
    assert not any(step == "USE TEMP B-TREE FOR ORDER BY" for step in plan)
    ledger.close()


def test_what_is_under_way_is_shown_from_the_oldest(ledger: Ledger) -> None:
    begun = [intent("a1", at=NOON + 2), intent("a2", at=NOON, held=Decimal("0.5")), intent("a3", at=NOON + 1)]
    apply(ledger, begun, worker="w1")
    apply(ledger, [settlement(begun[2])], worker="w1")
    with ledger.reading() as connection:
        assert under_way(connection, limit=5) == [Begun("w1", begun[1]), Begun("w1", begun[0])]
        assert under_way(connection, limit=1) == [Begun("w1", begun[1])]


def test_a_request_has_its_own_attempts_in_their_order_and_no_others(ledger: Ledger) -> None:
    def of(request: str, number: int) -> Any:
        return intent(f"{request}-{number}", request_id=request)

    ids = [("req_1", number) for number in (10, 2, 1)] + [("req_12", 1), ("req_2", 1)]
    apply(ledger, [*(settlement(of(*one)) for one in ids), of("req_1", 3), of("req_1", 11), of("req_2", 2)], worker="w")
    with ledger.reading() as connection:
        rows, begun = of_request(connection, "req_1")
        assert names(rows) == ["req_1-1", "req_1-2", "req_1-10"]
        assert [one.intent.attempt_id for one in begun] == ["req_1-3", "req_1-11"]
        assert of_request(connection, "req_3") == ([], [])
