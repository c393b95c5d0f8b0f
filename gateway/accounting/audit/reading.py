"""Reading: anchors and records in their order, some at a time, so that all of it need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Integer, bindparam, func, select

from gateway.accounting.audit.anchor import COLUMNS, Anchor, Mark, Statement, anchor_of
from gateway.accounting.audit.block import Sealed, sealed_of
from gateway.accounting.audit.tables import ANCHORS, BLOCKS

PAGE: Final = 2000
FEW: Final = 2  # blocks: each may be as long as what the drain reads at once
SHORT: Final = 1_000_000  # characters in the blocks of a page; only then may the next page have more of them

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
_BLOCKS: Final = (
    select(BLOCKS.c.first, BLOCKS.c.lines)
    .where(
        BLOCKS.c.chain == bindparam("chain"),
        BLOCKS.c.first >= bindparam("first"),
        BLOCKS.c.first <= bindparam("last"),
    )
    .order_by(BLOCKS.c.first)
    .limit(bindparam("few", type_=Integer))
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
    """Those that an anchor tells of, as far as they are there; and whatever else was put among them, as it is.

    As the gateway writes it, they are one block. What an early version wrote has a block for each record.
    """
    first, few = said.first, FEW
    asked = {"chain": said.chain, "last": said.last}
    while True:
        page = connection.execute(_BLOCKS, asked | {"first": first, "few": few}).all()
        for row in page:
            yield from sealed_of(row.lines)
        if len(page) < few:
            return
        first = page[-1].first + 1
        few = min(2 * few, PAGE) if sum(len(row.lines) for row in page) < SHORT else FEW
