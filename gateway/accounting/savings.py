"""Savings: what was spent, what the same answers would have cost at the reference model, and a million requests of it.

Costs that are unknown are left out of every sum and counted beside it. Saved is counted over the attempts of which both
sides are known; an attempt that gave the client no answer (an error, a shadow, a judge, an answer set aside) costs what
it costs and would not have been needed otherwise. So what a request would have cost is counted once. What rests on
estimated tokens has an interval: see `margin.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, literal, or_, select

from gateway.accounting.dimensions import EXPRESSIONS, source_of
from gateway.accounting.ledger import Ledger
from gateway.accounting.margin import Margin, margin_of
from gateway.accounting.money import EXACT, exact
from gateway.accounting.period import Period, within
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY, Money, exact_sum

MONTHLY_REQUESTS: Final = 1_000_000
GAVE_NOTHING: Final = ("error", "abandoned")

Between = tuple[Decimal, Decimal]


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
    held: Decimal | None  # the most that attempts of unknown cost can have cost; None: of none of them is that known
    spent_between: Between | None  # what `spent` may truly be, given that tokens were estimated; exact: twice the same
    saved_between: Between | None

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
    margin: Margin | None = None  # of estimated tokens; None where none were
    against: str | None = None  # what `reference` is; None: for each request what it was when it was answered


def account(ledger: Ledger, by: Sequence[str], period: Period, timed: Collection[str] = ()) -> Account:
    """The account of a period, all of one moment. Raises `LedgerUnavailable`; `by` is of `DIMENSIONS`.

    `timed`: deployments that are paid for by the time they take, so that no count of tokens can make a cost wrong.
    """
    with ledger.reading() as connection:
        return account_of(connection, by, period, timed)


def account_of(connection: Connection, by: Sequence[str], period: Period, timed: Collection[str] = ()) -> Account:
    """`account`, in a transaction that is open."""
    total = connection.execute(_sums(period, timed)).one()
    margin = margin_of(connection, period.end) if total.estimated else None
    deployments = connection.execute(within(select(ATTEMPTS.c.deployment).distinct(), period)).scalars()
    return Account(
        by=tuple(by),
        period=period,
        lines=tuple(_spend(row, len(by), margin) for row in connection.execute(_by_group(by, period, timed))),
        total=_spend(total, 0, margin),
        projection=_projection(connection, period),
        under_way=connection.execute(select(func.count()).select_from(UNDER_WAY)).scalar_one(),
        deployments=frozenset(deployments) - {None, ""},
        margin=margin,
    )


_NOTHING: Final = Decimal(0)
_COST: Final = ATTEMPTS.c.cost
_FOR_THE_CLIENT: Final = ATTEMPTS.c.role == "answer"
_REFERENCE: Final[ColumnElement[Any]] = case(
    (or_(ATTEMPTS.c.outcome.in_(GAVE_NOTHING), ~_FOR_THE_CLIENT), literal(Decimal(0), Money())),
    else_=ATTEMPTS.c.counterfactual,
)
_COMPARED: Final = and_(_COST.is_not(None), _REFERENCE.is_not(None))
_ANSWERED: Final = and_(ATTEMPTS.c.outcome.in_(("ok", "cut", "cancelled")), _FOR_THE_CLIENT)
_GIVEN: Final = or_(_ANSWERED, ATTEMPTS.c.outcome == "hit")  # the client got an answer out of it
_REQUEST: Final = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _sums(
    period: Period, timed: Collection[str], groups: Sequence[ColumnElement[Any]] = (), source: FromClause = ATTEMPTS
) -> Select[*tuple[Any, ...]]:
    guessed = ATTEMPTS.c.estimated.is_(True)
    by_token = and_(guessed, ATTEMPTS.c.deployment.not_in(tuple(timed)))
    query = select(
        *groups,
        func.count(_REQUEST.distinct()).label("requests"),
        func.count().label("attempts"),
        _count(_ANSWERED).label("answered"),
        _count(and_(_ANSWERED, ATTEMPTS.c.zone == "local")).label("answered_at_home"),
        _count(ATTEMPTS.c.outcome == "hit").label("hits"),
        func.coalesce(func.sum(ATTEMPTS.c.prompt_tokens), 0).label("prompt_tokens"),
        func.coalesce(func.sum(ATTEMPTS.c.completion_tokens), 0).label("completion_tokens"),
        _count(guessed).label("estimated"),
        _count(_COST.is_(None)).label("unknown_cost"),
        _count(or_(_COST.is_(None), _REFERENCE.is_(None))).label("not_compared"),
        exact_sum(_COST).label("spent"),
        exact_sum(case((_COMPARED, _COST))).label("compared"),
        exact_sum(case((_COMPARED, _REFERENCE))).label("reference"),
        exact_sum(case((_COST.is_(None), ATTEMPTS.c.held))).label("held"),
        exact_sum(case((by_token, _COST))).label("doubtful_spent"),
        exact_sum(case((and_(_COMPARED, by_token), _COST))).label("doubtful_compared"),
        exact_sum(case((and_(_COMPARED, guessed), _REFERENCE))).label("doubtful_reference"),
    )
    return within(query.select_from(source), period)


def _by_group(by: Sequence[str], period: Period, timed: Collection[str]) -> Select[*tuple[Any, ...]]:
    groups = [EXPRESSIONS[name] for name in by]
    # NULL first and empty before anything else, alike on both databases.
    order = [part for group in groups for part in (group.is_not(None), group)]
    return _sums(period, timed, groups, source_of(by)).group_by(*groups).order_by(*order)


def _spend(row: Any, groups: int, margin: Margin | None) -> Spend:
    nothing = Decimal(0) if row.attempts == 0 else None  # nothing was spent in a period without attempts
    spent = nothing if row.spent is None else row.spent
    reference, compared = row.reference, row.compared
    saved = nothing if reference is None else EXACT.subtract(reference, compared)
    doubtful = EXACT.subtract(row.doubtful_reference or _NOTHING, row.doubtful_compared or _NOTHING)
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
        spent=spent,
        reference=nothing if reference is None else reference,
        saved=saved,
        held=row.held if row.unknown_cost else _NOTHING,
        spent_between=between(spent, row.doubtful_spent or _NOTHING, margin),
        saved_between=between(saved, doubtful, margin),
    )


def between(amount: Decimal | None, doubtful: Decimal, margin: Margin | None) -> Between | None:
    """What an amount may truly be, where `doubtful` of it rests on estimated tokens."""
    if amount is None:
        return None
    return (amount, amount) if margin is None else margin.between(amount, doubtful)


def _projection(connection: Connection, period: Period) -> Projection:
    per_request = (
        within(
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
    return projected(basis, spent, reference)


def projected(basis: int, spent: Decimal | None, reference: Decimal | None) -> Projection:
    """From what `basis` requests cost and would have cost."""
    return Projection(basis, _per_month(spent, basis), _per_month(reference, basis))


def _per_month(amount: Decimal | None, requests: int) -> Decimal | None:
    if amount is None or not requests:
        return None
    return exact(EXACT.divide(EXACT.multiply(amount, Decimal(MONTHLY_REQUESTS)), Decimal(requests)))
