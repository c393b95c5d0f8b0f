"""Reconcile: a provider's statement beside the ledger, by day and model, with every difference.

Compared is what the statement has. Nothing is assumed: a cost that the ledger does not know makes the difference
unknown, and what only one side has is said to be missing on the other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, case, func, literal, select

from gateway.accounting.dimensions import utc_day
from gateway.accounting.money import EXACT
from gateway.accounting.period import Period, within
from gateway.accounting.statement import MEASURES, Entry, Statement
from gateway.accounting.tables import ATTEMPTS, exact_sum

Verdict = Literal["agrees", "differs", "not in the ledger", "not in the statement", "unknown"]
Place = tuple[date, str | None]  # a day and a model; None: all models of the day

ROUNDING: Final = Decimal("0.000001")  # dollars: a statement's own amounts are rounded
_OF_A_DAY: Final = re.compile(r"-(?:\d{4}-\d\d-\d\d|\d{8})$")  # the version behind a model's name
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one side has for a day and a model. None: it does not say."""

    requests: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None  # dollars
    unknown: int = 0  # attempts whose cost the ledger does not know

    def plus(self, other: Amounts) -> Amounts:
        sums = {name: _sum(getattr(self, name), getattr(other, name)) for name in MEASURES}
        return Amounts(**sums, unknown=self.unknown + other.unknown)


@dataclass(frozen=True, slots=True)
class Line:
    """A day and a model. `here` is the ledger, `there` the statement; None: not in it."""

    day: date
    model: str | None
    here: Amounts | None
    there: Amounts | None
    verdict: Verdict

    def difference(self, measure: str) -> int | Decimal | None:
        """How much more the ledger has than the statement; what is missing on one side is nothing there.

        None: not known, or not something that the statement has.
        """
        here, there = self.here or Amounts(), self.there or Amounts()
        ours, theirs = getattr(here, measure), getattr(there, measure)
        if (self.there and theirs is None) or (measure == "cost" and here.unknown):
            return None
        if measure == "cost":
            return EXACT.subtract(ours or _NOTHING, theirs or _NOTHING)
        return int((ours or 0) - (theirs or 0))


@dataclass(frozen=True, slots=True)
class Reconciled:
    lines: tuple[Line, ...]
    total: Line
    measures: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return all(line.verdict == "agrees" for line in self.lines)


def reconciled(
    connection: Connection,
    statement: Statement,
    deployments: Collection[str] | None,
    *,
    aliases: Mapping[str, str] | None = None,
    period: Period | None = None,
    tolerance: Decimal = _NOTHING,
) -> Reconciled:
    """Of the statement's own days, or of those of `period`. `deployments`: whose attempts are on that statement; None:
    all outside zone `local`. `aliases`: a model's name in the statement, and in the ledger. `tolerance`: a share of an
    amount that may be missing.
    """
    entries = [entry for entry in statement.entries if period is None or _is_in(entry.day, period)]
    span = period or _span(entries)
    by_model = any(entry.model is not None for entry in statement.entries)
    here = _of_ledger(connection, span, deployments, by_model)
    there = _of_statement(entries, {model for _, model in here if model}, aliases or {})
    places = sorted(here.keys() | there.keys(), key=lambda place: (place[0], place[1] or ""))
    measures = statement.measures
    lines = [_line(place, here.get(place), there.get(place), measures, tolerance) for place in places]
    total = _line((_first_day(span), None), _all(here.values()), _all(there.values()), measures, tolerance)
    return Reconciled(tuple(lines), total, measures)


def _first_day(period: Period) -> date:
    return datetime.fromtimestamp(period.start or 0, UTC).date()


def _is_in(day: date, period: Period) -> bool:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    return (period.start is None or start >= period.start) and (period.end is None or start < period.end)


def _span(entries: Sequence[Entry]) -> Period:
    if not entries:
        return Period(0.0, 0.0)
    days = [entry.day for entry in entries]
    first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (min(days), max(days)))
    return Period(first.timestamp(), (last + timedelta(days=1)).timestamp())


def _of_ledger(
    connection: Connection, period: Period, deployments: Collection[str] | None, by_model: bool
) -> dict[Place, Amounts]:
    found: dict[Place, Amounts] = {}
    for row in connection.execute(_query(period, deployments, by_model)):
        place = (date.fromisoformat(row.day), bare(row.model) if by_model else None)
        amounts = Amounts(
            requests=int(row.requests),
            prompt_tokens=int(row.prompt_tokens),
            cached_tokens=int(row.cached_tokens),
            completion_tokens=int(row.completion_tokens),
            cost=row.cost or _NOTHING,
            unknown=row.unknown,
        )
        found[place] = found[place].plus(amounts) if place in found else amounts
    return found


def _query(period: Period, deployments: Collection[str] | None, by_model: bool) -> Select[*tuple[Any, ...]]:
    columns = ATTEMPTS.c
    day = utc_day(columns.settled_at).label("day")
    model = columns.model if by_model else literal("").label("model")
    tokens = [
        func.coalesce(func.sum(columns[name]), 0).label(name)
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens")
    ]
    query = select(
        day,
        model,
        func.count(columns.prompt_tokens).label("requests"),  # those that were answered
        *tokens,
        exact_sum(columns.cost).label("cost"),
        func.count(case((columns.cost.is_(None), 1))).label("unknown"),
    )
    whose = columns.zone != "local" if deployments is None else columns.deployment.in_(sorted(deployments))
    groups = [day, columns.model] if by_model else [day]
    return within(query, period).where(whose, columns.deployment != "").group_by(*groups)


def _of_statement(entries: Iterable[Entry], known: Collection[str], aliases: Mapping[str, str]) -> dict[Place, Amounts]:
    found: dict[Place, Amounts] = {}
    names = _Names(known, aliases)
    for entry in entries:
        place = (entry.day, None if entry.model is None else names.of(entry.model))
        amounts = Amounts(*(getattr(entry, name) for name in MEASURES))
        found[place] = found[place].plus(amounts) if place in found else amounts
    return found


class _Names:
    """From a statement's names of models to the ledger's: the same name, or the same but for a version behind it."""

    def __init__(self, known: Collection[str], aliases: Mapping[str, str]) -> None:
        self._known = frozenset(known)
        self._aliases = aliases
        self._alike: defaultdict[str, set[str]] = defaultdict(set)
        for name in known:
            self._alike[_unversioned(name)].add(name)

    def of(self, model: str) -> str:
        if model in self._aliases:
            return self._aliases[model]
        if model in self._known:
            return model
        alike = self._alike.get(_unversioned(model), set())
        return next(iter(alike)) if len(alike) == 1 else model  # of several nobody knows which is meant


def bare(model: str | None) -> str:
    """Without the provider that litellm's names begin with."""
    return (model or "").rpartition("/")[2]


def _unversioned(model: str) -> str:
    """`gpt-4o-2024-08-06` is gpt-4o, and `Claude Sonnet 4.5`, as a bill names it, claude-sonnet-4-5."""
    plain = re.sub(r"[ .]", "-", model.strip().lower())
    return _OF_A_DAY.sub("", plain).removesuffix("-latest")


def _line(
    place: Place, here: Amounts | None, there: Amounts | None, measures: Sequence[str], tolerance: Decimal
) -> Line:
    line = Line(*place, here, there, "agrees")
    return Line(*place, here, there, _verdict(line, measures, tolerance))


def _verdict(line: Line, measures: Sequence[str], tolerance: Decimal) -> Verdict:
    if line.here is None or line.there is None:
        empty = not any(line.difference(measure) for measure in measures) and not (line.here or Amounts()).unknown
        if empty:  # a line of nothing needs no other
            return "agrees"
        return "not in the ledger" if line.here is None else "not in the statement"
    known = [name for name in measures if getattr(line.there, name) is not None]
    if any(_is_far(line, name, tolerance) for name in known):
        return "differs"
    return "unknown" if any(line.difference(name) is None for name in known) else "agrees"


def _is_far(line: Line, measure: str, tolerance: Decimal) -> bool:
    difference = line.difference(measure)
    if difference is None:
        return False
    largest = max(abs(Decimal(getattr(side, measure) or 0)) for side in (line.here, line.there))
    return abs(Decimal(difference)) > EXACT.fma(largest, tolerance, ROUNDING if measure == "cost" else _NOTHING)


def _all(sides: Iterable[Amounts]) -> Amounts:
    total = Amounts()
    for side in sides:
        total = total.plus(side)
    return total


def _sum(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return EXACT.add(one, other) if isinstance(one, Decimal) else one + other
