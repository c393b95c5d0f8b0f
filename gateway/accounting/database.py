"""Database: where the ledger's tables are, on SQLite or on PostgreSQL, and how they are brought up to date."""

from __future__ import annotations

import sqlite3
from typing import ClassVar, Final

from sqlalchemy import Connection, column, inspect, select, table

from gateway.accounting.tables import REVISION, REVISIONS, teach_exact_sum
from gateway.stores import sql

_LOCK: Final = 0x71DE6A7E  # of PostgreSQL's advisory locks, the one that replicas take to migrate


class LedgerUnavailable(sql.DatabaseUnavailable):
    """The database is away, full, locked, or not one of ours. What is in the journal stays there."""


class Database(sql.Database):
    """The drain deletes journals on the strength of what it has written, so that has to survive everything."""

    name: ClassVar[str] = "ledger"
    unavailable: ClassVar[type[sql.DatabaseUnavailable]] = LedgerUnavailable

    def teach(self, connection: sqlite3.Connection) -> None:
        teach_exact_sum(connection)

    def migrate(self) -> None:
        """Brings the tables up to date. Replicas that start together wait for the first one."""
        with self.reading() as connection:
            if _revisions(connection) == [REVISION]:
                return
        # Imported where there is something to do: alembic takes as long as everything else that a ledger needs.
        from gateway.accounting.migrations import upgrade

        with self.writing() as connection:
            self.wait_for_turn(connection, _LOCK)
            try:
                upgrade(connection)
            except LookupError as error:
                raise LedgerUnavailable("the ledger was made by a later version") from error


def _revisions(connection: Connection) -> list[str]:
    """Which migration was the last; nothing for a database that is not a ledger yet."""
    if not inspect(connection).has_table(REVISIONS):
        return []
    return list(connection.execute(select(column("version_num")).select_from(table(REVISIONS))).scalars())
