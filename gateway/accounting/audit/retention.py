"""Retention: removes what is older than it may be, from the beginning of the chains only, and writes that down.

What is removed of a replica is all that its anchors before a certain one say. Before they go, the anchors at its end
are told from where the rest goes on (`cut` for each chain, `pruned` for the anchors themselves), so that nothing else
can be missing unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete

from gateway.accounting.audit.anchor import Statement
from gateway.accounting.audit.reading import anchors, newest_marks
from gateway.accounting.audit.scribe import Scribe
from gateway.accounting.audit.tables import ANCHORS, BLOCKS

CUT_RECORDS: Final = 20_000  # at most in one transaction: less than a second, in which nobody else can write to SQLite
ALONE_SECONDS: Final = 86_400.0  # a replica that wrote nothing for as long does not clear up by itself

_FORGET: Final = delete(ANCHORS).where(
    ANCHORS.c.replica == bindparam("replica"), ANCHORS.c.number <= bindparam("through")
)
_REMOVE: Final = delete(BLOCKS).where(BLOCKS.c.chain == bindparam("chain"), BLOCKS.c.first <= bindparam("through"))


@dataclass(slots=True)
class _Chain:
    """What the anchors that go say of a chain."""

    last: int
    head: str
    ended: bool = False


def cut(connection: Connection, scribe: Scribe, before: float, now: float) -> int:
    """Removes records made before that time (seconds since the epoch), of this replica and of those that are gone.

    Returns how many; there may be more, for the next call.
    """
    for replica, (_, at) in newest_marks(connection).items():
        if (replica == scribe.replica or at < now - ALONE_SECONDS) and (
            removed := _cut(connection, scribe, replica, before)
        ):
            return removed
    return 0


def _cut(connection: Connection, scribe: Scribe, replica: str, before: float) -> int:
    chains: dict[str, _Chain] = {}
    removed, pruned, pruned_hash = 0, 0, ""
    for anchor in anchors(connection, replica):
        said = anchor.statement
        if said.kind == "records" and (said.until >= before or removed >= CUT_RECORDS):
            break
        removed += _take(chains, said)
        pruned, pruned_hash = said.number, anchor.hash
    if not removed:
        return 0
    for name, chain in chains.items():
        connection.execute(_REMOVE, {"chain": name, "through": chain.last})
        if not chain.ended:
            scribe.state(connection, "cut", replica=replica, chain=name, last=chain.last, head=chain.head)
    scribe.state(connection, "pruned", replica=replica, last=pruned, head=pruned_hash)
    connection.execute(_FORGET, {"replica": replica, "through": pruned})
    return removed


def _take(chains: dict[str, _Chain], said: Statement) -> int:
    """How many records the anchor is about."""
    if said.kind not in ("records", "cut", "end"):
        return 0
    chain = chains.setdefault(said.chain, _Chain(0, ""))
    if said.last >= chain.last:
        chain.last, chain.head = said.last, said.head
    chain.ended = chain.ended or said.kind == "end"
    return said.last - said.first + 1 if said.kind == "records" else 0
