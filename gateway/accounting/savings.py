"""Savings: what was spent, what the same answers would have cost at the reference model, and a million requests of it.

Costs that are unknown are left out of every sum and counted beside it. Saved is counted over the attempts of which both
sides are known; an attempt that gave the client no answer (an error, a shadow, a judge, an answer set aside) costs what
it costs and would not have been needed otherwise. So what a request would have cost is counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from gateway.accounting.ledger import Ledger
from gateway.accounting.money import EXACT, exact
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY, Money, exact_sum

DIMENSIONS: Final = ("route", "key", "team", "model", "deployment", "role")
MONTHLY_REQUESTS: Final = 1_000_000

_GAVE_NOTHING: Final = ("error", "abandoned")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, in seconds since the epoch; None is open. Attempts count when they are settled."""

    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """One line of a report. Amounts are dollars; None where none of the amounts behind it is known."""

    group: tuple[str | None, ...]  # one value per dimension asked for
    requests: int
    attempts: int  # retries and fallbacks too
    answered: int  # attempts in which a model answered the client
    answered_at_home: int  # of these, in zone `local`
    hits: int  # answers from the cache
    prompt_tokens: int
    completion_tokens: int
    estimated: int  # attempts whose tokens were estimated
    unknown_cost: int  # attempts that are not in `spent`
    not_compared: int  # attempts that are not in `reference` and `saved`
    spent: Decimal | None
    reference: Decimal | None  # the compared attempts, had the reference model answered them
    saved: Decimal | None  # `reference` less what they cost; negative if routing costs more than it saves

    @property
    def local_share(self) -> float | None:
        """Of the answers that a model gave, the share given at home, 0..1."""
        return self.answered_at_home / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Projection:
    """`MONTHLY_REQUESTS` with the mix of those measured: `basis` requests of which all amounts are known."""

    basis: int
    as_routed: Decimal | None
    all_large: Decimal | None

    @property
    def saved(self) -> Decimal | None:
        if self.as_routed is None or self.all_large is None:
            return None
        return EXACT.subtract(self.all_large, self.as_routed)


@dataclass(frozen=True, slots=True)
class Account:
    """A whole report. `under_way` counts attempts that are not settled yet and in none of the sums."""

    by: tuple[str, ...]
    period: Period
    lines: tuple[Spend, ...]
    total: Spend
    projection: Projection
    under_way: int
    deployments: frozenset[str]  # that answered in the period


def account(ledger: Ledger, by: Sequence[str], period: Period) -> Account:
    """The account of a period, all of one moment. Raises `LedgerUnavailable`; `by` is of `DIMENSIONS`."""
    with ledger.reading() as connection:
        return Account(
            by=tuple(by),
            period=period,
            lines=tuple(_spend(row, len(by)) for row in connection.execute(_by_group(by, period))),
            total=_spend(connection.execute(_sums(period)).one(), 0),
            projection=_projection(connection, period),
            under_way=connection.execute(select(func.count()).select_from(UNDER_WAY)).scalar_one(),
            deployments=frozenset(
                connection.execute(_within(select(ATTEMPTS.c.deployment).distinct(), period)).scalars()
            )
            - {None, ""},
        )


_COST: Final = ATTEMPTS.c.cost
_FOR_THE_CLIENT: Final = ATTEMPTS.c.role == "answer"
_REFERENCE: Final[ColumnElement[Any]] = case(
    (or_(ATTEMPTS.c.outcome.in_(_GAVE_NOTHING), ~_FOR_THE_CLIENT), literal(Decimal(0), Money())),
    else_=ATTEMPTS.c.counterfactual,
)
_COMPARED: Final = and_(_COST.is_not(None), _REFERENCE.is_not(None))
_ANSWERED: Final = and_(ATTEMPTS.c.outcome.in_(("ok", "cut", "cancelled")), _FOR_THE_CLIENT)
_GIVEN: Final = or_(_ANSWERED, ATTEMPTS.c.outcome == "hit")  # the client got an answer out of it
_REQUEST: Final = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id)


def _within(query: Select[*tuple[Any, ...]], period: Period) -> Select[*tuple[Any, ...]]:
    if period.start is not None:
        query = query.where(ATTEMPTS.c.settled_at >= period.start)
    if period.end is not None:
        query = query.where(ATTEMPTS.c.settled_at < period.end)
    return query


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _sums(period: Period, groups: Sequence[ColumnElement[Any]] = ()) -> Select[*tuple[Any, ...]]:
    query = select(
        *groups,
        func.count(_REQUEST.distinct()).label("requests"),
        func.count().label("attempts"),
        _count(_ANSWERED).label("answered"),
        _count(and_(_ANSWERED, ATTEMPTS.c.zone == "local")).label("answered_at_home"),
        _count(ATTEMPTS.c.outcome == "hit").label("hits"),
        func.coalesce(func.sum(ATTEMPTS.c.prompt_tokens), 0).label("prompt_tokens"),
        func.coalesce(func.sum(ATTEMPTS.c.completion_tokens), 0).label("completion_tokens"),
        _count(ATTEMPTS.c.estimated.is_(True)).label("estimated"),
        _count(_COST.is_(None)).label("unknown_cost"),
        _count(or_(_COST.is_(None), _REFERENCE.is_(None))).label("not_compared"),
        exact_sum(_COST).label("spent"),
        exact_sum(case((_COMPARED, _COST))).label("compared"),
        exact_sum(case((_COMPARED, _REFERENCE))).label("reference"),
    )
    return _within(query, period)


def _by_group(by: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    groups = [ATTEMPTS.c[name] for name in by]
    # NULL first and empty before anything else, alike on both databases.
    order = [part for group in groups for part in (group.is_not(None), group)]
    return _sums(period, groups).group_by(*groups).order_by(*order)


def _spend(row: Any, groups: int) -> Spend:
    nothing = Decimal(0) if row.attempts == 0 else None  # nothing was spent in a period without attempts
    reference, compared = row.reference, row.compared
    return Spend(
        group=tuple(row[:groups]),
        requests=row.requests,
        attempts=row.attempts,
        answered=row.answered,
        answered_at_home=row.answered_at_home,
        hits=row.hits,
        prompt_tokens=int(row.prompt_tokens),  # PostgreSQL's sum of integers is a decimal
        completion_tokens=int(row.completion_tokens),
        estimated=row.estimated,
        unknown_cost=row.unknown_cost,
        not_compared=row.not_compared,
        spent=nothing if row.spent is None else row.spent,
        reference=nothing if reference is None else reference,
        saved=nothing if reference is None else EXACT.subtract(reference, compared),
    )


def _projection(connection: Connection, period: Period) -> Projection:
    per_request = (
        _within(
            select(
                exact_sum(_COST).label("spent"),
                exact_sum(_REFERENCE).label("reference"),
                _count(or_(_COST.is_(None), _REFERENCE.is_(None))).label("unknown"),
                _count(_GIVEN).label("answers"),
            ),
            period,
        )
        .group_by(_REQUEST)
        .subquery()
    )
    row = connection.execute(
        select(func.count(), exact_sum(per_request.c.spent), exact_sum(per_request.c.reference)).where(
            per_request.c.unknown == 0, per_request.c.answers > 0
        )
    ).one()
    basis, spent, reference = row
    return Projection(basis, _per_month(spent, basis), _per_month(reference, basis))


def _per_month(amount: Decimal | None, requests: int) -> Decimal | None:
    if amount is None or not requests:
        return None
    return exact(EXACT.divide(EXACT.multiply(amount, Decimal(MONTHLY_REQUESTS)), Decimal(requests)))
