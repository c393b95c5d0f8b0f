"""Scribe: puts the sealed lines of one replica's workers into the database, and anchors them there.

It writes inside the transaction that moves the same lines into the ledger. It does not judge: what does not fit is
written down as it is, and found by `verify.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Connection, Text, bindparam, exists, select

from gateway.accounting.audit.anchor import Kind, Mark, Statement, made, row_of
from gateway.accounting.audit.block import Block
from gateway.accounting.audit.chain import first_hash
from gateway.accounting.audit.replica import remember, remembered, replica_of
from gateway.accounting.audit.tables import ANCHORS, BLOCKS

if TYPE_CHECKING:
    from gateway.accounting.audit.signer import Signer

_LOG: Final = logging.getLogger(__name__)

_OF_REPLICA: Final = ANCHORS.c.replica == bindparam("replica")
_NEWEST: Final = select(ANCHORS.c.number, ANCHORS.c.hash).where(_OF_REPLICA).order_by(ANCHORS.c.number.desc()).limit(1)
_OLDEST: Final = select(ANCHORS.c.number).where(_OF_REPLICA).order_by(ANCHORS.c.number).limit(1)
_HASH: Final = select(ANCHORS.c.hash).where(_OF_REPLICA, ANCHORS.c.number == bindparam("number"))
_END: Final = (
    select(ANCHORS.c.last, ANCHORS.c.head)
    .where(ANCHORS.c.chain == bindparam("chain"))
    .order_by(ANCHORS.c.last.desc())
    .limit(1)
)
_INSERT: Final = ANCHORS.insert()
# Never twice, and never in the place of one that is there, whoever put it there: that is found, the ledger goes on.
_KEEP: Final = BLOCKS.insert().from_select(
    list(BLOCKS.columns),
    select(bindparam("chain", type_=Text), bindparam("first", type_=BigInteger), bindparam("lines", type_=Text)).where(
        ~exists().where(BLOCKS.c.chain == bindparam("chain"), BLOCKS.c.first == bindparam("first"))
    ),
)


class Scribe:
    """Of the replica whose journals are in `directory`. `clock` gives seconds since the epoch.

    After a transaction in which it wrote was committed, `committed` must be called.
    """

    def __init__(self, directory: Path, signer: Signer | None, clock: Callable[[], float]) -> None:
        self._directory = directory
        self._signer = signer
        self._clock = clock
        self._replica = ""
        self._known: Mark | None = None
        self._written: Mark | None = None  # in a transaction that may yet fail

    @property
    def replica(self) -> str:
        if not self._replica:
            self._replica = replica_of(self._directory)
            self._known = remembered(self._directory)
        return self._replica

    def chain_of(self, worker: str) -> str:
        return f"{worker}@{self.replica}"

    def write(self, connection: Connection, worker: str, block: Block, span: tuple[float, float] | None) -> None:
        """Lines of one worker, in the order of its journal, and when they were decided. What is there already is not
        written again."""
        chain = self.chain_of(worker)
        before, _ = self._end_of(connection, chain, worker)
        new = block.after(before)
        if not new.numbers:
            return
        # The lowest, also where numbers are garbled: the next block's are all above this one's last.
        first, last = min(new.numbers), new.numbers[-1]
        connection.execute(_KEEP, {"chain": chain, "first": first, "lines": new.text})
        since, until = span or (self._clock(), self._clock())
        self.state(connection, "records", chain=chain, first=first, last=last, since=since, until=until, head=new.head)

    def end(self, connection: Connection, worker: str) -> None:
        """The worker is gone and all its lines are written."""
        chain = self.chain_of(worker)
        last, head = self._end_of(connection, chain, worker)
        if last:
            self.state(connection, "end", chain=chain, last=last, head=head)

    def state(
        self,
        connection: Connection,
        kind: Kind,
        *,
        replica: str = "",
        chain: str = "",
        first: int = 0,
        last: int = 0,
        since: float = 0.0,
        until: float = 0.0,
        head: str,
    ) -> None:
        """Adds an anchor to the replica's chain; of another's where that is named."""
        whose = replica or self.replica
        before = self._before(connection) if whose == self.replica else self._newest(connection, whose)
        now = float(self._clock())
        statement = Statement(
            *(whose, before.number + 1, now, kind, chain, first, last, float(since), float(until)),
            *(head, before.hash, ""),
        )
        anchor = made(statement, self._signer)
        connection.execute(_INSERT, row_of(anchor))
        if whose == self.replica:
            self._written = Mark(statement.number, anchor.hash)

    def rolled_back(self) -> None:
        """What was written since the last commit is not there."""
        self._written, self._known = None, remembered(self._directory)

    def committed(self) -> None:
        """What was written is there to stay."""
        if self._written is not None:
            self._known, self._written = self._written, None
            remember(self._directory, self._known)

    def _end_of(self, connection: Connection, chain: str, worker: str) -> Mark:
        """The last record of the chain that is anchored."""
        row = connection.execute(_END, {"chain": chain}).one_or_none()
        return Mark(*row) if row else Mark(0, first_hash(worker))

    def _newest(self, connection: Connection, replica: str) -> Mark:
        row = connection.execute(_NEWEST, {"replica": replica}).one_or_none()
        return Mark(*row) if row else Mark(0, first_hash(replica))

    def _before(self, connection: Connection) -> Mark:
        """What this replica's next anchor follows on. Says so where what it remembers has gone from the database."""
        newest = self._newest(connection, self.replica)
        known = self._written or self._known
        if known is None or known == newest or self._has(connection, known):
            return newest
        self._known = self._written = None
        _LOG.error("the audit was changed behind the gateway's back: its anchor %d is gone", known.number)
        self.state(connection, "lost", last=known.number, head=known.hash)
        return self._newest(connection, self.replica)

    def _has(self, connection: Connection, mark: Mark) -> bool:
        """Or had: retention may have removed it, and that was written down."""
        found = connection.execute(_HASH, {"replica": self.replica, "number": mark.number}).scalar_one_or_none()
        if found is not None:
            return bool(found == mark.hash)
        oldest = connection.execute(_OLDEST, {"replica": self.replica}).scalar_one_or_none()
        return oldest is not None and oldest > mark.number
