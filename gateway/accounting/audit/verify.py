"""Verify: does the database hold what the gateway wrote, all of it, in its order, unchanged?

Reads everything once, a page at a time, in one transaction. Each replica's anchors are followed in their order; each
tells which records have to be there, and with which hash they end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from gateway.accounting.audit.anchor import Anchor, Mark, Statement
from gateway.accounting.audit.chain import first_hash, hash_after
from gateway.accounting.audit.faults import Fault, Verdict
from gateway.accounting.audit.reading import anchors, newest_marks, records
from gateway.accounting.audit.signer import is_signed
from gateway.accounting.audit.tables import ANCHORS, BLOCKS

_CUTS: Final = (
    select(ANCHORS.c.kind, ANCHORS.c.chain, ANCHORS.c.last, ANCHORS.c.head)
    .where(ANCHORS.c.replica == bindparam("replica"), ANCHORS.c.kind.in_(["cut", "pruned"]))
    .order_by(ANCHORS.c.last)
)
_NEXT_CHAIN: Final = select(func.min(BLOCKS.c.chain)).where(BLOCKS.c.chain > bindparam("after"))
_LINE_FEEDS: Final = func.length(BLOCKS.c.lines) - func.length(func.replace(BLOCKS.c.lines, "\n", ""))
_OUTSIDE: Final = (
    select(func.sum(_LINE_FEEDS + 1), func.min(BLOCKS.c.first))
    .where(BLOCKS.c.chain == bindparam("chain"))
    .where((BLOCKS.c.first < bindparam("first")) | (BLOCKS.c.first > bindparam("last")))
)


def verify(
    connection: Connection, verdict: Verdict, *, keys: Collection[str], marks: Mapping[str, Mark]
) -> Iterator[Fault]:
    """Every fault, as it is found; `verdict` counts what was looked at.

    `keys` are the public keys whose signatures are trusted; with none, signatures are not looked at. `marks` are what
    was kept elsewhere of replicas' chains.
    """
    spans: dict[str, tuple[int, int]] = {}  # of each chain, the first and last record that has to be there
    found = newest_marks(connection)
    for replica in found:
        yield from _Replica(connection, replica, verdict, keys, marks.get(replica), spans).faults()
    for replica in marks:
        if replica not in found:
            yield Fault(f"replica {replica}", 0, "is missing, with all its anchors")
    chain = connection.execute(_NEXT_CHAIN, {"after": ""}).scalar_one()
    while chain is not None:
        first, last = spans.get(chain, (1, 0))
        count, lowest = connection.execute(_OUTSIDE, {"chain": chain, "first": first, "last": last}).one()
        if count:
            yield Fault(f"chain {chain}", lowest, f"{_records(count)} that no anchor tells of")
        chain = connection.execute(_NEXT_CHAIN, {"after": chain}).scalar_one()


class _Replica:
    """What is checked of one replica."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        verdict: Verdict,
        keys: Collection[str],
        mark: Mark | None,
        spans: dict[str, tuple[int, int]],
    ) -> None:
        self._connection = connection
        self._name = name
        self._verdict = verdict
        self._keys = keys
        self._mark = mark
        self._spans = spans
        self._where = f"replica {name}"
        self._ends: dict[str, Mark] = {}  # of each chain, the last record that was checked, or cut
        self._closed: set[str] = set()
        self._before = Mark(0, first_hash(name))  # the anchor that was checked last, or pruned

    def faults(self) -> Iterator[Fault]:
        verdict = self._verdict
        verdict.replicas += 1
        for row in self._connection.execute(_CUTS, {"replica": self._name}):
            if row.kind == "pruned":
                self._before = Mark(row.last, row.head)
            else:
                self._ends[row.chain] = Mark(row.last, row.head)
                self._spans[row.chain] = (row.last + 1, row.last)
                verdict.cut[row.chain] = row.last
        for anchor in anchors(self._connection, self._name):
            yield from self._anchor(anchor)
        if self._mark is not None and self._mark.number > self._before.number:
            yield Fault(self._where, self._mark.number, "is missing, though it was there once: the end was cut off")

    def _anchor(self, anchor: Anchor) -> Iterator[Fault]:
        said, before = anchor.statement, self._before
        self._verdict.anchors += 1
        self._before = Mark(said.number, anchor.hash)
        if said.number > before.number + 1:
            yield Fault(self._where, before.number + 1, f"{said.number - before.number - 1} anchors missing")
        elif said.number <= before.number:
            yield Fault(self._where, said.number, "is there, though it was removed")
        elif said.previous != before.hash:
            yield Fault(self._where, said.number, "does not follow on the anchor before it")
        yield from self._sound(anchor)
        if self._mark is not None and said.number == self._mark.number and anchor.hash != self._mark.hash:
            yield Fault(self._where, said.number, "is not the anchor that was there once")
        if said.kind == "lost":
            yield Fault(
                self._where, said.number, f"the gateway's own anchor {said.last} had gone from the database by then"
            )
        elif said.kind == "records":
            yield from self._records(said)
        elif said.kind == "end":
            yield from self._end(said)

    def _sound(self, anchor: Anchor) -> Iterator[Fault]:
        said = anchor.statement
        if said.hash != anchor.hash:
            yield Fault(self._where, said.number, "was changed: its hash is another")
        if not self._keys:
            self._verdict.unsigned += 1
        elif said.key not in self._keys:
            yield Fault(self._where, said.number, "is not signed with a key that is trusted here")
        elif not is_signed(anchor.hash, anchor.signature, said.key):
            yield Fault(self._where, said.number, "was changed: its signature is wrong")

    def _records(self, said: Statement) -> Iterator[Fault]:
        """Those that an anchor tells of."""
        where = f"chain {said.chain}"
        end = self._ends.get(said.chain) or Mark(0, first_hash(said.chain.partition("@")[0]))
        if said.last <= end.number:  # was cut
            return
        if said.chain in self._closed:
            yield Fault(self._where, said.number, "tells of records after the end of their chain")
        number = said.first - 1
        digest = end.hash if number == end.number else None  # of the record before; None: not known
        if number > end.number:
            yield Fault(where, end.number + 1, f"{_records(number - end.number)} missing")
        elif number < end.number:
            yield Fault(self._where, said.number, "tells of records that an anchor before it told of")
        for row in records(self._connection, said):
            self._verdict.records += 1
            if row.number <= number or row.number > said.last:
                yield Fault(where, number, "has a line behind it that does not belong there")
                continue
            if row.number > number + 1:
                yield Fault(where, number + 1, f"{_records(row.number - number - 1)} missing")
            elif digest is not None and hash_after(digest, row.record) != row.hash:
                yield Fault(where, row.number, "was changed, or does not follow on the one before it")
            number, digest = row.number, row.hash
        if number != said.last:
            yield Fault(where, number + 1, f"{_records(said.last - number)} missing")
        elif digest != said.head:
            yield Fault(where, number, f"is not what anchor {said.number} of {self._where} says")
        self._ends[said.chain] = Mark(said.last, said.head)
        first = self._spans.get(said.chain, (said.first, 0))[0]
        self._spans[said.chain] = (first, said.last)

    def _end(self, said: Statement) -> Iterator[Fault]:
        end = self._ends.get(said.chain)
        if end is not None and end != Mark(said.last, said.head):
            yield Fault(
                f"chain {said.chain}", end.number, f"is not where anchor {said.number} says that the chain ends"
            )
        self._closed.add(said.chain)


def _records(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"
