"""A site: one replica with its workers, moved in time by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, select

from gateway.accounting.audit.anchor import Mark
from gateway.accounting.audit.block import Sealed, sealed_of
from gateway.accounting.audit.faults import Fault, Verdict
from gateway.accounting.audit.signer import Signer
from gateway.accounting.audit.tables import ANCHORS, BLOCKS
from gateway.accounting.audit.verify import verify
from gateway.accounting.drain import Drain
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.accounting.record import Declined
from tests.gateway.accounting.samples import NOON, intent, settlement

SECRET: Final = "a secret that only the gateway's own machine knows"
DAY: Final = 86_400.0


class Site:
    """`directory` is that of its journals."""

    def __init__(self, directory: Path, ledger: Ledger, *, retention: float | None = None) -> None:
        self.directory = directory
        self.ledger = ledger
        self.now = NOON
        self.journals: dict[str, Journal] = {}
        self.signer = Signer.of(SECRET)
        self.drain = Drain(directory, lambda: ledger, self.clock, signer=self.signer, retention=retention)
        self._written = 0

    def clock(self) -> float:
        return self.now

    def worker(self, name: str) -> Journal:
        """The one that lives; begun where none does."""
        if name not in self.journals:
            self.now += 0.001
            self.journals[name] = Journal(self.directory, name, fsync=False, clock=self.clock, file_bytes=4000)
        return self.journals[name]

    def end(self, name: str) -> None:
        self.journals.pop(name).close()

    def close(self) -> None:
        for name in list(self.journals):
            self.end(name)

    def write(self, worker: str, kinds: Iterable[str]) -> None:
        """A line of each kind: `sent` (and its end), `hit`, `declined`."""
        journal = self.worker(worker)
        for kind in kinds:
            self.now += 1
            self._written += 1
            one = intent(f"{self.directory.name}-{worker}-{self._written}", at=self.now)
            if kind == "declined":
                journal.declined(Declined(replace(one, deployment="", zone=""), "no_deployment"))
            elif kind == "hit":
                journal.settled(settlement(one, outcome="hit", at=self.now))
            else:
                journal.intent(one)
                journal.settled(settlement(one, at=self.now))

    def move(self) -> None:
        self.drain.step()


class Undo(Exception):
    """Leaves a transaction without a trace."""


def found(connection: Connection, marks: dict[str, Mark]) -> list[Fault]:
    """By who has the key and the marks."""
    return list(verify(connection, Verdict(), keys={Signer.of(SECRET).public}, marks=marks))


def faults(ledger: Ledger, keys: Iterable[str] = (), marks: dict[str, Mark] | None = None) -> list[Fault]:
    with ledger.reading() as connection:
        return list(verify(connection, Verdict(), keys=set(keys), marks=marks or {}))


def verdict(ledger: Ledger) -> Verdict:
    """Of an audit that is intact."""
    seen = Verdict()
    with ledger.reading() as connection:
        assert list(verify(connection, seen, keys={Signer.of(SECRET).public}, marks={})) == []
    return seen


def kept(ledger: Ledger) -> list[tuple[str, Sealed]]:
    """All records, with their chains."""
    with ledger.reading() as connection:
        rows = connection.execute(select(BLOCKS).order_by(BLOCKS.c.chain, BLOCKS.c.first)).all()
        return [(row.chain, record) for row in rows for record in sealed_of(row.lines)]


def stated(ledger: Ledger) -> list[tuple[int, str]]:
    """Number and kind of all anchors."""
    with ledger.reading() as connection:
        rows = connection.execute(
            select(ANCHORS.c.number, ANCHORS.c.kind).order_by(ANCHORS.c.replica, ANCHORS.c.number)
        )
        return [(row.number, row.kind) for row in rows]
