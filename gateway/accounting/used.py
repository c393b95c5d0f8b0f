"""Used: what one key asked and what that cost, for whoever holds it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import case, func, select

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period, within
from gateway.accounting.tables import ATTEMPTS, exact_sum

_REQUEST: Final = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id)


class Used(NamedTuple):
    """`cost` is dollars, of the attempts whose cost is known; `unknown_cost` counts the others."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    unknown_cost: int


def used_by(ledger: Ledger, key: str, period: Period) -> Used:
    """What was settled in the period, whatever was answered; calls that were made besides included. Raises
    `LedgerUnavailable`."""
    query = select(
        func.count(_REQUEST.distinct()),
        func.coalesce(func.sum(ATTEMPTS.c.prompt_tokens), 0),
        func.coalesce(func.sum(ATTEMPTS.c.completion_tokens), 0),
        exact_sum(ATTEMPTS.c.cost),
        func.count(case((ATTEMPTS.c.cost.is_(None), 1))),
    ).where(ATTEMPTS.c.key == key)
    with ledger.reading() as connection:
        requests, prompt, completion, cost, unknown = connection.execute(within(query, period)).one()
    return Used(requests, int(prompt), int(completion), cost or Decimal(0), unknown)
