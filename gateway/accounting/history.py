"""History: what has been settled, attempt by attempt, for what SQL cannot work out: other prices, other decisions.

Attempts of one request come together. Nothing is held but the row at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, func, select

from gateway.accounting.period import Period, within
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Usage

_USAGE: Final = Usage.__struct_fields__
_AT_ONCE: Final = 1000  # rows that are read ahead


class Past(NamedTuple):
    """An attempt that has ended. `usage` is None where nothing was used or nobody knows; `cost` None: unknown."""

    request: str
    at: float | None  # when it began, in seconds since the epoch
    settled_at: float  # the same
    outcome: str
    role: str
    route: str | None
    key: str | None
    team: str | None
    model: str | None
    deployment: str | None
    zone: str | None
    clearance: str | None
    reason: str | None
    difficulty: float | None
    cost: Decimal | None  # dollars
    counterfactual: Decimal | None  # dollars
    latency: float | None  # seconds
    cache: str | None
    tags: Sequence[str] | None
    usage: Usage | None

    @property
    def gave_an_answer(self) -> bool:
        """Whether the client got one out of it."""
        return self.outcome == "hit" or (self.role == "answer" and self.outcome in ("ok", "cut", "cancelled"))


_COLUMNS: Final = Past._fields[1:-1]  # what stands in the table as it is here


def history(connection: Connection, period: Period) -> Iterator[list[Past]]:
    """The attempts of each request that were settled in the period, in the order in which they were."""
    request = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id).label("request")
    columns = [request, *(ATTEMPTS.c[name] for name in _COLUMNS), *(ATTEMPTS.c[name] for name in _USAGE)]
    query = within(select(*columns), period).order_by(request, ATTEMPTS.c.settled_at, ATTEMPTS.c.attempt_id)
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for _, attempts in groupby(map(_past, rows), key=attrgetter("request")):
        yield list(attempts)


def _past(row: Row[Any]) -> Past:
    return Past._make((*row[: len(_COLUMNS) + 1], _usage(row)))


def _usage(row: Row[Any]) -> Usage | None:
    values = row[len(_COLUMNS) + 1 :]
    if values[0] is None or values[1] is None:
        return None
    named = {name: value for name, value in zip(_USAGE, values, strict=True) if value is not None}
    return Usage(**named)
