"""History must give every row once, those of a request together, however many there are and wherever they lie."""

from __future__ import annotations

from decimal import Decimal

from gateway.accounting.history import history
from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

MANY = 2500  # more than are read ahead


def test_those_of_a_request_come_together_in_their_order(ledger: Ledger) -> None:
    apply(ledger, [
        settlement(intent("r-2", request_id="r"), at=NOON + 3),
        settlement(intent("s-1", request_id="s"), at=NOON + 2),
        settlement(intent("r-1", request_id="r"), at=NOON + 1, outcome="error"),
    ])  # fmt: skip
    with ledger.reading() as connection:
        found = [[(past.request, past.outcome) for past in one] for one in history(connection, Period())]
    assert found == [[("r", "error"), ("r", "ok")], [("s", "ok")]]


def test_what_stands_in_it(ledger: Ledger) -> None:
    usage = Usage(100, 20, 10, 5, written_tokens=7, searches=2, tier="flex")
    apply(ledger, [
        settlement(intent("a1", tags=("x", "y")), usage=usage, cost=Decimal("0.5"), latency=2.5),
        settlement("a2", usage=None, cost=None, outcome="error"),
    ])  # fmt: skip
    with ledger.reading() as connection:
        (first,), (second,) = history(connection, Period())
    assert first.usage == usage
    assert (first.cost, first.latency, first.at, list(first.tags or ())) == (Decimal("0.5"), 2.5, NOON, ["x", "y"])
    assert (first.reason, first.difficulty, first.clearance) == ("difficult", 0.75, "any")
    assert first.gave_an_answer
    assert (second.usage, second.cost, second.gave_an_answer) == (None, None, False)


def test_more_than_are_read_ahead_and_only_of_the_period(ledger: Ledger) -> None:
    apply(ledger, [settlement(f"a{number:05}", at=NOON + number) for number in range(MANY)])
    with ledger.reading() as connection:
        names = [past.request for one in history(connection, Period(NOON + 10, NOON + MANY - 10)) for past in one]
    assert names == [f"r{number:05}" for number in range(10, MANY - 10)]
