"""What a report says was spent and saved must be what the rows add up to, and what is unknown must stay so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import delete

from gateway.accounting.dimensions import DIMENSIONS
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.record import Intent, Settlement
from gateway.accounting.savings import account
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, intents, settlement, settlements

ALWAYS = Period()


@pytest.fixture
def day(ledger: Ledger) -> Ledger:
    """Six requests: one at home, one in the cloud, one from the cache, one retried, one unpriced, one under way."""
    large = Decimal("0.01")
    home = {"deployment": "small", "zone": "local", "model": "tiny"}
    apply(ledger,
        [
            settlement(intent("a1", **home, key="ops", team=None), cost=Decimal("0.0001"), counterfactual=large),
            settlement("a2", cost=large, counterfactual=large),
            settlement(
                intent("a3", deployment="", zone="cloud"),
                outcome="hit", cost=Decimal(0), counterfactual=large, cache="hit",
            ),
            settlement(
                intent("a4", request_id="r4"),
                outcome="error", usage=None, cost=Decimal("0.002"), counterfactual=None, status=502,
            ),
            settlement(intent("a5", **home, request_id="r4"), cost=Decimal("0.0001"), counterfactual=large),
            settlement(
                intent("a6", route="odd", deployment="odd"),
                cost=None, counterfactual=None, usage=Usage(7, 1, estimated=True),
            ),
            intent("a7"),
        ],
        worker="w0",
    )  # fmt: skip
    return ledger


def test_the_total(day: Ledger) -> None:
    total = account(day, (), ALWAYS).total
    assert (total.requests, total.attempts) == (5, 6)
    assert (total.answered, total.answered_at_home, total.hits) == (4, 2, 1)
    assert total.local_share == 0.5
    assert (total.prompt_tokens, total.completion_tokens, total.estimated) == (407, 81, 1)
    assert total.spent == Decimal("0.0122")
    assert (total.unknown_cost, total.not_compared) == (1, 1)
    assert total.reference == Decimal("0.04")  # four answers; the failed attempt would not have been needed
    assert total.saved == Decimal("0.0278")


def test_lines_by_deployment(day: Ledger) -> None:
    found = account(day, ("deployment",), ALWAYS)
    assert [(line.group, line.spent, line.saved) for line in found.lines] == [
        (("",), Decimal(0), Decimal("0.01")),
        (("large",), Decimal("0.012"), Decimal("-0.002")),  # the retry cost something and saved nothing
        (("odd",), None, None),
        (("small",), Decimal("0.0002"), Decimal("0.0198")),
    ]
    assert found.deployments == {"large", "odd", "small"}


def test_what_belongs_to_nobody_has_a_line_of_its_own(day: Ledger) -> None:
    groups = [line.group for line in account(day, ("team", "key"), ALWAYS).lines]
    assert groups == [(None, "ops"), ("red", "dev")]


def test_what_is_under_way_is_counted_and_nothing_else(day: Ledger) -> None:
    assert account(day, (), ALWAYS).under_way == 1


def test_a_million_requests_like_these(day: Ledger) -> None:
    projection = account(day, (), ALWAYS).projection
    assert projection.basis == 4  # the unpriced one cannot be scaled
    assert projection.as_routed == Decimal("3050")  # 0.0122 / 4 × 1,000,000
    assert projection.all_large == Decimal("10000")  # 0.04 / 4 × 1,000,000
    assert projection.saved == Decimal("6950")


def test_a_request_with_one_unknown_attempt_is_no_basis(ledger: Ledger) -> None:
    known = settlement(intent("a1", request_id="r"), cost=Decimal("0.5"), counterfactual=Decimal(1))
    apply(ledger, [known, settlement(intent("a2", request_id="r"), cost=None)])
    projection = account(ledger, (), ALWAYS).projection
    assert (projection.basis, projection.as_routed, projection.saved) == (0, None, None)


@pytest.fixture
def looked_at(ledger: Ledger) -> Ledger:
    """Two requests. At home one was answered, compared with the large model and judged; the other was set aside."""
    large, home = Decimal("0.01"), {"deployment": "small", "zone": "local", "model": "tiny"}

    def spent(attempt_id: str, cost: str, counterfactual: Decimal, **changes: object) -> Settlement:
        begun = intent(attempt_id, **changes)
        return settlement(begun, cost=Decimal(cost), counterfactual=counterfactual)

    apply(ledger, [
        spent("a1", "0.0001", large, **home, request_id="r1"),
        spent("a2", "0.01", Decimal(0), role="shadow", request_id="r1"),
        spent("a3", "0.002", Decimal(0), role="judge", deployment="judge", request_id="r1"),
        spent("a4", "0.0001", Decimal(0), **home, role="cascade", request_id="r2"),
        spent("a5", "0.01", large, request_id="r2"),
    ])  # fmt: skip
    return ledger


def test_what_is_saved_is_net_of_all_that_no_client_was_given(looked_at: Ledger) -> None:
    total = account(looked_at, (), ALWAYS).total
    assert (total.requests, total.attempts) == (2, 5)
    assert total.spent == Decimal("0.0222")
    assert total.reference == Decimal("0.02")  # once a request
    assert total.saved == Decimal("-0.0022")
    assert (total.answered, total.answered_at_home) == (2, 1)  # what a judge says at home is no answer kept at home
    projection = account(looked_at, (), ALWAYS).projection
    assert (projection.basis, projection.as_routed, projection.all_large) == (2, Decimal(11100), Decimal(10000))


def test_what_a_shadow_would_have_cost_elsewhere_is_nothing_whatever_its_row_says(ledger: Ledger) -> None:
    """A worker that died says of it what is not known; a row put in by hand, anything."""
    apply(ledger, [settlement(intent("a1", role="shadow"), cost=Decimal(1), counterfactual=Decimal(5))])
    apply(ledger, [settlement(intent("a2", role="judge"), cost=Decimal(1), counterfactual=None)])
    total = account(ledger, (), ALWAYS).total
    assert (total.reference, total.saved, total.not_compared) == (Decimal(0), Decimal(-2), 0)


def test_lines_by_role(looked_at: Ledger) -> None:
    lines = account(looked_at, ("role",), ALWAYS).lines
    assert [(*line.group, line.requests, line.spent, line.saved) for line in lines] == [
        ("answer", 2, Decimal("0.0101"), Decimal("0.0099")),
        ("cascade", 1, Decimal("0.0001"), Decimal("-0.0001")),
        ("judge", 1, Decimal("0.002"), Decimal("-0.002")),
        ("shadow", 1, Decimal("0.01"), Decimal("-0.01")),
    ]


def test_a_period_holds_its_start_and_not_its_end(ledger: Ledger) -> None:
    for number in range(4):
        apply(ledger, [intent(f"a{number}"), settlement(f"a{number}", at=NOON + number)])
    assert account(ledger, (), Period(NOON + 1, NOON + 3)).total.requests == 2
    assert account(ledger, (), Period(NOON + 1)).total.requests == 3
    assert account(ledger, ("route",), Period(None, NOON)).lines == ()


def test_nothing_happened_and_nothing_was_spent(ledger: Ledger) -> None:
    found = account(ledger, ("route",), ALWAYS)
    assert found.lines == ()
    assert (found.total.spent, found.total.saved) == (Decimal(0), Decimal(0))
    assert found.total.local_share is None
    assert found.projection.as_routed is None


def test_amounts_that_are_all_unknown_are_not_nothing(ledger: Ledger) -> None:
    apply(ledger, [intent(), settlement(cost=None, counterfactual=None)])
    total = account(ledger, (), ALWAYS).total
    assert (total.spent, total.reference, total.saved) == (None, None, None)


def test_an_abandoned_attempt_has_an_unknown_cost(ledger: Ledger) -> None:
    """And is known not to have cost more than was held for it, where anything was."""
    apply(ledger, [intent()], worker="w0")
    ledger.bury("w0", NOON, [])
    total = account(ledger, (), ALWAYS).total
    assert (total.spent, total.unknown_cost, total.held) == (None, 1, None)
    apply(ledger, [intent("a2", held=Decimal("0.5"))], worker="w1")
    ledger.bury("w1", NOON, [])
    apply(ledger, [settlement(intent("a3", held=Decimal(7)), cost=Decimal(1))])
    total = account(ledger, (), ALWAYS).total
    assert (total.spent, total.unknown_cost, total.held) == (Decimal(1), 2, Decimal("0.5"))


def gave_nothing(record: Settlement) -> bool:
    return record.outcome in ("error", "abandoned") or record.intent.role != "answer"


def like_others(record: Intent) -> Intent:
    """Few values, so that groups have several members."""
    tags = tuple(sorted({tag[:1] for tag in record.tags}))  # as the gateway writes them: each once
    return replace(record, route=record.route[:1], key="", team=record.team and "red", tags=tags)


IDS = st.sampled_from([f"a{number}" for number in range(8)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(settlements(intents(IDS).map(like_others)), max_size=10, unique_by=lambda record: record.attempt_id),
    st.lists(st.sampled_from([name for name in DIMENSIONS if name != "tag"]), max_size=3, unique=True),
)
def test_the_rows_add_up_to_the_report(ledger: Ledger, ended: list[Settlement], by: list[str]) -> None:
    with ledger._database.writing() as connection:
        connection.execute(delete(ATTEMPTS))
    apply(ledger, ended)
    found = account(ledger, by, ALWAYS)
    known = [record.cost for record in ended if record.cost is not None]
    assert (found.total.spent or 0) == sum(known)
    assert found.total.attempts == len(ended)
    assert found.total.unknown_cost == len(ended) - len(known)
    assert sum(line.spent or 0 for line in found.lines) == sum(known)
    assert sum(line.saved or 0 for line in found.lines) == (found.total.saved or 0)
    assert sum(line.attempts for line in found.lines) == len(ended)
    compared = [(Decimal(0) if gave_nothing(record) else record.counterfactual, record.cost) for record in ended]
    saved = [large - cost for large, cost in compared if large is not None and cost is not None]
    assert (found.total.saved or 0) == sum(saved)
    assert found.total.not_compared == len(ended) - len(saved)
