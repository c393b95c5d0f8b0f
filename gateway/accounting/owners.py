"""Owners: what every key, team, route or tag has spent, in one look through the ledger. `spent.py` asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import Select, bindparam, func, select, true

from gateway.accounting.ledger import Ledger
from gateway.accounting.money import EXACT
from gateway.accounting.record import Intent, intent_of
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY, exact_sum

Kind = Literal["key", "team", "route", "tag"]

_COUNTED: Final = func.coalesce(ATTEMPTS.c.cost, ATTEMPTS.c.held, type_=ATTEMPTS.c.cost.type)
_BEGUN: Final = select(UNDER_WAY.c.worker, UNDER_WAY.c.intent).where(
    UNDER_WAY.c.at >= bindparam("start"), UNDER_WAY.c.at < bindparam("end")
)


def spent_by_owner(ledger: Ledger, kind: Kind, start: float, end: float) -> dict[str, dict[str, Decimal]]:
    """For each owner of that kind what `spent_by_worker` says, of those that spent anything.

    Raises `LedgerUnavailable`.
    """
    found: dict[str, dict[str, Decimal]] = {}
    with ledger.reading() as connection:
        ended = connection.execute(_ended(kind, connection.dialect.name), {"start": start, "end": end}).all()
        begun = connection.execute(_BEGUN, {"start": start, "end": end}).all()
    for owner, worker, amount in ended:
        if owner is not None:
            found.setdefault(owner, {})[worker] = amount or Decimal(0)
    for worker, line in begun:
        intent = intent_of(line.encode())
        for owner in _owners(intent, kind):
            spent = found.setdefault(owner, {})
            spent[worker] = EXACT.add(spent.get(worker, Decimal(0)), intent.held or Decimal(0))
    return found


def _ended(kind: Kind, dialect: str) -> Select[*tuple[Any, ...]]:
    worker = func.coalesce(ATTEMPTS.c.worker, "")
    query: Select[*tuple[Any, ...]]
    if kind == "tag":
        parts = func.jsonb_array_elements_text if dialect == "postgresql" else func.json_each
        tags = parts(ATTEMPTS.c.tags).table_valued("value")
        query = select(tags.c.value, worker, exact_sum(_COUNTED)).select_from(ATTEMPTS.join(tags, true()))
        query = query.group_by(tags.c.value, ATTEMPTS.c.worker)
    else:
        owner = ATTEMPTS.c[kind]
        query = select(owner, worker, exact_sum(_COUNTED)).group_by(owner, ATTEMPTS.c.worker)
    return query.where(ATTEMPTS.c.at >= bindparam("start"), ATTEMPTS.c.at < bindparam("end"))


def _owners(intent: Intent, kind: Kind) -> Iterator[str]:
    if kind == "tag":
        yield from intent.tags
    elif (owner := getattr(intent, kind)) is not None:
        yield owner
