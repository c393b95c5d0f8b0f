"""Cached: how many requests of each route were answered from the cache, as the ledger has it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import case, func, select

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period, within
from gateway.accounting.tables import ATTEMPTS, exact_sum

_REQUEST: Final = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id)


class Cached(NamedTuple):
    """Of one route. `hits` and `stale` are answers from the cache, `bypassed` requests that wanted none of it. `saved`:
    dollars that the answers would have cost at the reference, of those where that is known; `unpriced` counts the
    others.
    """

    route: str
    requests: int
    hits: int
    stale: int
    bypassed: int
    saved: Decimal
    unpriced: int

    @property
    def share(self) -> float:
        """Of the requests, those that were answered from the cache."""
        return (self.hits + self.stale) / self.requests if self.requests else 0.0


def cached_by_route(ledger: Ledger, period: Period) -> list[Cached]:
    """Routes with a cache, by name. Raises `LedgerUnavailable`."""
    use = ATTEMPTS.c.cache
    given = ATTEMPTS.c.outcome == "hit"
    query = (
        select(
            ATTEMPTS.c.route,
            func.count(_REQUEST.distinct()),
            func.count(case((given & (use == "hit"), 1))),
            func.count(case((given & (use == "stale"), 1))),
            func.count(case((use == "bypass", _REQUEST)).distinct()),
            exact_sum(case((given, ATTEMPTS.c.counterfactual))),
            func.count(case((given & ATTEMPTS.c.counterfactual.is_(None), 1))),
        )
        .where(use.in_(("hit", "stale", "miss", "bypass")), ATTEMPTS.c.role == "answer")
        .group_by(ATTEMPTS.c.route)
        .order_by(ATTEMPTS.c.route)
    )
    with ledger.reading() as connection:
        rows = connection.execute(within(query, period)).all()
    return [
        Cached(route or "", requests, hits, stale, bypassed, saved or Decimal(0), unpriced)
        for route, requests, hits, stale, bypassed, saved, unpriced in rows
    ]
