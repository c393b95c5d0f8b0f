"""Reading: anchors and records in their order, a page at a time, so that none of it need fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from gateway.accounting.audit.anchor import COLUMNS, Anchor, Mark, Statement, anchor_of
from gateway.accounting.audit.chain import Sealed
from gateway.accounting.audit.tables import ANCHORS, RECORDS

PAGE: Final = 2000

_LAST: Final = (
    select(ANCHORS.c.replica, func.max(ANCHORS.c.number).label("number")).group_by(ANCHORS.c.replica).subquery()
)
_NEWEST: Final = (
    select(ANCHORS.c.replica, ANCHORS.c.number, ANCHORS.c.hash, ANCHORS.c.at)
    .join(_LAST, (ANCHORS.c.replica == _LAST.c.replica) & (ANCHORS.c.number == _LAST.c.number))
    .order_by(ANCHORS.c.replica)
)
_ANCHORS: Final = (
    select(*COLUMNS)
    .where(ANCHORS.c.replica == bindparam("replica"), ANCHORS.c.number > bindparam("after"))
    .order_by(ANCHORS.c.number)
    .limit(PAGE)
)
_RECORDS: Final = (
    select(RECORDS.c.number, RECORDS.c.hash, RECORDS.c.record)
    .where(
        RECORDS.c.chain == bindparam("chain"),
        RECORDS.c.number >= bindparam("first"),
        RECORDS.c.number <= bindparam("last"),
    )
    .order_by(RECORDS.c.number)
    .limit(PAGE)
)


def newest_marks(connection: Connection) -> dict[str, tuple[Mark, float]]:
    """Where the chain of each replica ends, and when that was written."""
    rows = connection.execute(_NEWEST)
    return {row.replica: (Mark(row.number, row.hash), row.at) for row in rows}


def anchors(connection: Connection, replica: str) -> Iterator[Anchor]:
    """All of a replica."""
    after = -(2**62)  # whoever adds rows may give them any number
    while page := connection.execute(_ANCHORS, {"replica": replica, "after": after}).all():
        yield from map(anchor_of, page)
        after = page[-1].number


def records(connection: Connection, said: Statement) -> Iterator[Sealed]:
    """Those that an anchor tells of, as far as they are there."""
    first = said.first
    while page := connection.execute(_RECORDS, {"chain": said.chain, "first": first, "last": said.last}).all():
        yield from (Sealed(*row) for row in page)
        first = page[-1].number + 1
