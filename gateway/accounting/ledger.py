"""Ledger: the durable record of what every attempt cost, in SQL. Filled from the journals by `drain.py`.

Applying a record twice, or a settlement before its intent, leaves the same row. A settlement never gives way to
`abandoned`; of two others the later one stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, update

from gateway.accounting.database import Database, LedgerUnavailable
from gateway.accounting.record import Intent, intent_of, lines_of
from gateway.accounting.row import ATTEMPT_ID, OUTCOME, SETTLED_AT, Row, abandoned_row
from gateway.accounting.tables import POSITIONS, UNDER_WAY
from gateway.accounting.writer import Writer
from gateway.stores.sql import WAIT_SECONDS

__all__ = ["Ledger", "LedgerUnavailable", "Position"]

Also = Callable[[Connection], None]  # what else belongs into the same transaction


# Made once: a statement that is the same object is compiled once.
_POSITIONS: Final = select(POSITIONS.c.file, POSITIONS.c.position)
_FORGET: Final = delete(POSITIONS).where(POSITIONS.c.file.in_(bindparam("files", expanding=True)))
_REMEMBER: Final = POSITIONS.insert().values(file=bindparam("name"), position=bindparam("reached"))
_MOVE: Final = update(POSITIONS).where(POSITIONS.c.file == bindparam("name")).values(position=bindparam("reached"))

_CLEARING: Final = 0x71DE6A7F  # of PostgreSQL's advisory locks


@dataclass(frozen=True, slots=True)
class Position:
    """How many bytes of a journal file the ledger holds."""

    file: str
    offset: int


class Ledger:
    """The ledger behind one URL. Every method raises `LedgerUnavailable` when its database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = _writer(database)

    @classmethod
    def open(cls, url: str, wait_seconds: float = WAIT_SECONDS) -> Self:
        """Connects to `sqlite:///FILE` or `postgresql://…`, makes what is missing, and brings the tables up to date.

        `wait_seconds` is for another writer of the file, or for one answer of the server.
        """
        database = Database(url, wait_seconds)
        try:
            database.migrate()
        except LedgerUnavailable:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries, all of which see the same moment."""
        with self._database.reading() as connection:
            yield connection

    @contextmanager
    def clearing(self) -> Iterator[Connection]:
        """A transaction for removing what is old, which one replica does at a time."""
        with self._database.writing() as connection:
            self._database.wait_for_turn(connection, _CLEARING)
            yield connection

    def apply(
        self,
        rows: Iterable[Row],
        begun: Iterable[Intent],
        *,
        worker: str = "",
        position: Position | None = None,
        also: Also | None = None,
    ) -> None:
        """Writes down what has ended and what has begun, and remembers how far the journal was read: all or nothing,
        and `also` with it."""
        settled = _latest(rows)
        under_way = {intent.attempt_id: intent for intent in begun if intent.attempt_id not in settled}
        lines = lines_of(list(under_way.values()))
        open_rows: list[Row] = [
            (intent.attempt_id, worker, intent.at, line) for intent, line in zip(under_way.values(), lines, strict=True)
        ]
        with self._database.writing() as connection:
            if settled:
                self._writer.settle(connection, list(settled.values()))
                self._writer.end(connection, list(settled))
            if open_rows:
                self._writer.begin(connection, open_rows)
            if position:
                self._remember(connection, position)
            if also:
                also(connection)

    def positions(self) -> dict[str, int]:
        """How many bytes of each journal file have been applied; files never seen are left out."""
        with self._database.reading() as connection:
            return {row.file: row.position for row in connection.execute(_POSITIONS)}

    def bury(self, worker: str, at: float, files: Sequence[str], also: Also | None = None) -> int:
        """A worker is dead and its files are read to the end: settles what it left open, forgets the files.

        Returns how many attempts were settled as abandoned. What they cost is unknown.
        """
        with self._database.writing() as connection:
            abandoned = self._abandon(connection, UNDER_WAY.c.worker == worker, at)
            connection.execute(_FORGET, {"files": list(files)})
            if also:
                also(connection)
            return abandoned

    def forget(self, files: Sequence[str]) -> None:
        """The files are read to the end and about to be deleted."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, {"files": list(files)})

    def abandon_before(self, started: float, at: float) -> int:
        """Settles as abandoned what began before `started` and is still open: its journal was lost with its machine."""
        with self._database.writing() as connection:
            return self._abandon(connection, UNDER_WAY.c.at < started, at)

    def _remember(self, connection: Connection, position: Position) -> None:
        values = {"name": position.file, "reached": position.offset}
        if not connection.execute(_MOVE, values).rowcount:
            connection.execute(_REMEMBER, values)

    def _abandon(self, connection: Connection, whose: ColumnElement[bool], at: float) -> int:
        begun = connection.execute(select(UNDER_WAY.c.intent, UNDER_WAY.c.worker).where(whose)).all()
        rows = [abandoned_row(intent_of(line.encode()), at, worker) for line, worker in begun]
        if rows:
            self._writer.settle(connection, rows)
            self._writer.end(connection, [str(row[ATTEMPT_ID]) for row in rows])
        return len(rows)


def _writer(database: Database) -> Writer:
    """Imported where it is used: the two dialects are as large as all that the ledger needs beside them."""
    if database.is_postgresql:
        from gateway.accounting.writer_postgresql import PostgreSQLWriter

        return PostgreSQLWriter()
    from gateway.accounting.writer_sqlite import SQLiteWriter

    return SQLiteWriter()


def _latest(rows: Iterable[Row]) -> dict[str, Row]:
    """By attempt: the row that stands, by the writer's own rule."""
    latest: dict[str, Row] = {}
    for row in rows:
        attempt_id = str(row[ATTEMPT_ID])
        before = latest.setdefault(attempt_id, row)
        if before is not row and _wins(row, before):
            latest[attempt_id] = row
    return latest


def _wins(new: Row, old: Row) -> bool:
    return new[OUTCOME] != "abandoned" and (old[OUTCOME] == "abandoned" or new[SETTLED_AT] > old[SETTLED_AT])  # type: ignore[operator] # numbers
