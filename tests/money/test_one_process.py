"""One budget, one process, all in memory: many at once never pass the cap, nor do they leave more than a reservation."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal

from tests.harness.gateway import Gateway
from tests.harness.ledger import rows
from tests.harness.traffic import Answer, at_once
from tests.harness.wait import until
from tests.money.spending import (
    MEAN,
    SPENT,
    Account,
    Demand,
    account,
    assert_served_are_booked,
    configuration,
    seen,
    spend_the_rest,
)
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

AT_ONCE = 1600


def settled(gateway: Gateway, cap: Decimal, upstreams: Upstreams) -> Account:
    """Once nothing is under way any more, in the ledger either."""

    def look() -> Account:
        with closing(sqlite3.connect(f"file:{gateway.ledger}?mode=ro", uri=True, timeout=5)) as connection:
            (under_way,) = connection.execute("SELECT count(*) FROM attempts_under_way").fetchone()
        own = [(row["outcome"], row["cost"], row["held"]) for row in rows(gateway)]
        return account(cap, own, under_way, upstreams.cloud)

    asked = len(upstreams.cloud.journal.exchanges)
    until("every attempt in the ledger", lambda: (now := look()).rows >= asked and not now.under_way, 30)
    return look()


def assert_books(gateway: Gateway, answers: Sequence[Answer]) -> None:
    assert_served_are_booked(answers, [(row["request_id"], row["outcome"], row["cost"]) for row in rows(gateway)])


def test_1600_at_once(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """All are under way before the first is answered; two thirds of them can be paid for."""
    cap = Decimal(round(AT_ONCE * MEAN * 2 / 3, 6))
    gateway = start_gateway(configuration(upstreams.cloud, cap))
    demand = Demand(seed=1)
    answers = at_once(demand.asks([gateway], AT_ONCE), AT_ONCE)
    said = seen(answers)
    assert said.keys() == {"200", f"429 {SPENT}"}, said
    more = spend_the_rest(gateway, demand)
    found = settled(gateway, cap, upstreams)
    print(f"{AT_ONCE} at once: {dict(said)}, {more} more one after the other; {found}, left {found.left}")
    assert found.billed == found.booked <= cap
    assert found.left < found.largest
    assert_books(gateway, answers)
