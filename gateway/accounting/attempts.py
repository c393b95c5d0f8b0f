"""Attempts: what the ledger holds of each, for those who want to see them and not their sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import BindParameter, Connection, Select, bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from gateway.accounting.period import Period
from gateway.accounting.record import Intent, intent_of
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY, tagged

MOST_OF_REQUEST: Final = 200  # attempts: all deployments of a long route, twice, with what was asked beside

Place = tuple[float, str]
"""`settled_at` and `attempt_id`: where an attempt stands in the ledger. No two stand at the same place."""


class Ended(Struct, frozen=True):
    """A row of `attempts`. None where it is not known, or where it was written down by a version that did not say."""

    attempt_id: str
    request_id: str | None
    at: float | None  # seconds since the epoch
    key: str | None
    team: str | None
    route: str | None
    deployment: str | None  # empty: answered from the cache
    zone: str | None
    model: str | None
    clearance: str | None
    reason: str | None
    difficulty: float | None
    prompt_estimate: int | None  # tokens
    findings: dict[str, int] | None
    settled_at: float  # seconds since the epoch
    outcome: str
    status: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    estimated: bool | None
    written_tokens: int | None
    audio_prompt_tokens: int | None
    audio_completion_tokens: int | None
    cost: Decimal | None  # dollars
    counterfactual: Decimal | None  # dollars
    latency: float | None  # seconds
    first_token: float | None  # seconds
    cache: str | None
    streamed: bool | None
    role: str
    worker: str | None
    tags: list[str] | None
    held: Decimal | None  # dollars
    image_prompt_tokens: int | None
    image_completion_tokens: int | None
    written_hour_tokens: int | None
    searches: int | None
    tier: str | None


class Begun(NamedTuple):
    """An attempt that is under way, as far as the ledger knows: its settlement may be in a journal already."""

    worker: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attempts: those that are all of what is given. `period` is of when they were settled."""

    period: Period = Period()  # noqa: RUF009 -- frozen
    key: str | None = None
    team: str | None = None
    route: str | None = None
    deployment: str | None = None
    zone: str | None = None
    model: str | None = None
    role: str | None = None
    outcome: str | None = None
    tag: str | None = None


_NEVER: Final = 1e15  # seconds
_NAMED: Final = ("key", "team", "route", "deployment", "zone", "model", "role", "outcome")


def ended(
    connection: Connection, wanted: Wanted, after: Place | None = None, *, limit: int, newest_first: bool = True
) -> list[Ended]:
    """At most `limit` of those that have ended, in the order of their places, behind `after` if that is given.

    What is settled while somebody turns the pages stands at the new end: nothing is shown twice, or skipped, but for
    what comes late from a journal, and then stands where it belongs.
    """
    query = page(wanted, after, connection.dialect.name, newest_first=newest_first).limit(limit)
    return [Ended(*row) for row in connection.execute(query)]


def page(wanted: Wanted, after: Place | None, dialect: str, *, newest_first: bool) -> Select[*tuple[Any, ...]]:
    """The query behind `ended`, without its limit."""
    moment, name = ATTEMPTS.c.settled_at, ATTEMPTS.c.attempt_id
    order = (moment.desc(), name.desc()) if newest_first else (moment, name)
    query = select(ATTEMPTS).where(*_conditions(wanted, dialect)).order_by(*order)
    # Also where there is no bound, and not as one comparison of pairs: else SQLite reads and sorts all that there is.
    at, last = after or (_NEVER if newest_first else -_NEVER, "")
    if newest_first:
        return query.where(moment <= at, (moment < at) | (name < last))
    return query.where(moment >= at, (moment > at) | (name > last))


def place_of(attempt: Ended) -> Place:
    return attempt.settled_at, attempt.attempt_id


def under_way(connection: Connection, *, limit: int) -> list[Begun]:
    """At most `limit` of those that have not ended, the oldest first."""
    query = select(UNDER_WAY.c.worker, UNDER_WAY.c.intent).order_by(UNDER_WAY.c.at, UNDER_WAY.c.attempt_id)
    return [_begun(row) for row in connection.execute(query.limit(limit))]


def of_request(connection: Connection, request_id: str) -> tuple[list[Ended], list[Begun]]:
    """All attempts of a request, in the order in which they were made: those that have ended, and those under way."""
    names = {"names": [f"{request_id}-{number}" for number in range(1, MOST_OF_REQUEST + 1)]}
    rows = [Ended(*row) for row in connection.execute(_OF_REQUEST, names)]
    begun = [_begun(row) for row in connection.execute(_BEGUN_OF_REQUEST, names)]
    return (
        sorted(rows, key=lambda row: _number_of(row.attempt_id)),
        sorted(begun, key=lambda one: _number_of(one.intent.attempt_id)),
    )


# By their names, which no index has to be kept for: see `Exchange.next_attempt_id`.
_NAMES: Final[BindParameter[Any]] = bindparam("names", expanding=True)
_OF_REQUEST: Final = select(ATTEMPTS).where(ATTEMPTS.c.attempt_id.in_(_NAMES))
_BEGUN_OF_REQUEST: Final = select(UNDER_WAY.c.worker, UNDER_WAY.c.intent).where(UNDER_WAY.c.attempt_id.in_(_NAMES))


def _number_of(attempt_id: str) -> int:
    return int(attempt_id.rpartition("-")[2])


def _begun(row: Any) -> Begun:
    worker, line = row
    return Begun(worker, intent_of(line.encode()))


def _conditions(wanted: Wanted, dialect: str) -> Iterator[ColumnElement[bool]]:
    if wanted.period.start is not None:
        yield ATTEMPTS.c.settled_at >= wanted.period.start
    if wanted.period.end is not None:
        yield ATTEMPTS.c.settled_at < wanted.period.end
    for name in _NAMED:
        if (value := getattr(wanted, name)) is not None:
            yield ATTEMPTS.c[name] == value
    if wanted.tag is not None:
        yield tagged(wanted.tag, dialect)
