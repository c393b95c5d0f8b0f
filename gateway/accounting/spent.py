"""Spent: what a budget has to count, as the ledger has it, apart by whose journal it was in.

An attempt counts with its cost; where that is unknown, or not known yet, with what was held for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from gateway.accounting.ledger import Ledger
from gateway.accounting.money import EXACT
from gateway.accounting.record import Intent, intent_of
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY, exact_sum, tagged

_NOBODY: Final = ""  # in whose journal it was is not known of rows from before it was written down
_COUNTED: Final = func.coalesce(ATTEMPTS.c.cost, ATTEMPTS.c.held, type_=ATTEMPTS.c.cost.type)


@dataclass(frozen=True, slots=True)
class Whose:
    """Of what an attempt has to be, to count; all of them where several are given, everything where none is."""

    key: str | None = None
    team: str | None = None
    route: str | None = None
    tag: str | None = None


def spent_by_worker(ledger: Ledger, whose: Whose, start: float, end: float) -> dict[str, Decimal]:
    """Dollars of all attempts that began in [start, end) seconds since the epoch, by the identity of their worker.

    Every worker that made one is in it, if with nothing. What is under way counts with what it holds, as what was
    abandoned does. Raises `LedgerUnavailable`.
    """
    with ledger.reading() as connection:
        ended = connection.execute(_ended(whose, connection.dialect.name), {"start": start, "end": end}).all()
        begun = connection.execute(_BEGUN, {"start": start, "end": end}).all()
    spent = {worker: amount or Decimal(0) for worker, amount in ended}
    for worker, held in _held(begun, whose):
        spent[worker] = EXACT.add(spent.get(worker, Decimal(0)), held)
    return spent


_BEGUN: Final = select(UNDER_WAY.c.worker, UNDER_WAY.c.intent).where(
    UNDER_WAY.c.at >= bindparam("start"), UNDER_WAY.c.at < bindparam("end")
)


def _ended(whose: Whose, dialect: str) -> Select[*tuple[Any, ...]]:
    worker = func.coalesce(ATTEMPTS.c.worker, _NOBODY)
    query = select(worker, exact_sum(_COUNTED)).where(
        ATTEMPTS.c.at >= bindparam("start"), ATTEMPTS.c.at < bindparam("end"), *_conditions(whose, dialect)
    )
    return query.group_by(literal_column("1"))


def _conditions(whose: Whose, dialect: str) -> Iterator[ColumnElement[bool]]:
    for name in ("key", "team", "route"):
        if (wanted := getattr(whose, name)) is not None:
            yield ATTEMPTS.c[name] == wanted
    if whose.tag is not None:
        yield tagged(whose.tag, dialect)


def _held(begun: Any, whose: Whose) -> Iterator[tuple[str, Decimal]]:
    for worker, line in begun:
        intent = intent_of(line.encode())
        if _is_of(intent, whose):
            yield worker, intent.held or Decimal(0)


def _is_of(intent: Intent, whose: Whose) -> bool:
    return (
        (whose.key is None or intent.key == whose.key)
        and (whose.team is None or intent.team == whose.team)
        and (whose.route is None or intent.route == whose.route)
        and (whose.tag is None or whose.tag in intent.tags)
    )
