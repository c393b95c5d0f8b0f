"""Period: a stretch of time of the ledger. Attempts count when they are settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from gateway.accounting.tables import ATTEMPTS


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, in seconds since the epoch; None is open."""

    start: float | None = None
    end: float | None = None


def within(query: Select[*tuple[Any, ...]], period: Period) -> Select[*tuple[Any, ...]]:
    """The query, of what was settled in the period."""
    if period.start is not None:
        query = query.where(ATTEMPTS.c.settled_at >= period.start)
    if period.end is not None:
        query = query.where(ATTEMPTS.c.settled_at < period.end)
    return query
