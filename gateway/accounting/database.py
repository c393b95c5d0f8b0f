"""Database: the connection to SQLite (a file, in WAL mode) or to PostgreSQL (through pg8000)."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, column, create_engine, event, inspect, make_url, select, table, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gateway.accounting.tables import REVISION, REVISIONS, teach_exact_sum

WAIT_SECONDS: Final = 15.0  # for another writer of the SQLite file, or for one answer of PostgreSQL
_LOCK: Final = 0x71DE6A7E  # of PostgreSQL's advisory locks, the one that replicas take to migrate


class LedgerUnavailable(Exception):
    """The database is away, full, locked, or not one of ours. What is in the journal stays there."""


class Database:
    """Connections in transactions. Every method raises `LedgerUnavailable` for whatever the database has to say."""

    def __init__(self, url: str, wait_seconds: float = WAIT_SECONDS) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise LedgerUnavailable("the ledger's URL cannot be read") from error  # it may hold a password
        if parsed.get_backend_name() == "sqlite":
            self._engine = _sqlite(parsed, wait_seconds)
        elif parsed.get_backend_name() in ("postgresql", "postgres"):
            self._engine = _postgresql(parsed, wait_seconds)
        else:
            raise LedgerUnavailable(f"no ledger on {parsed.get_backend_name()}: sqlite or postgresql")
        self._writer = self._engine.execution_options(writing=True)
        self._reader = self._engine
        if self.is_postgresql:  # where each statement would see a moment of its own
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All queries see the same moment."""
        with _named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """What is written is on the server's disk when this ends: the drain deletes journals on the strength of it."""
        with _named(), self._writer.begin() as connection:
            if self.is_postgresql:
                connection.execute(text("SET LOCAL synchronous_commit = on"))  # it may be off for the whole server
            yield connection

    def migrate(self) -> None:
        """Brings the tables up to date. Replicas that start together wait for the first one."""
        with self.reading() as connection:
            if _revisions(connection) == [REVISION]:
                return
        # Imported where there is something to do: alembic takes as long as everything else that a ledger needs.
        from gateway.accounting.migrations import upgrade

        with self.writing() as connection:
            if self.is_postgresql:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            try:
                upgrade(connection)
            except LookupError as error:
                raise LedgerUnavailable("the ledger was made by a later version") from error

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        # Only the kind of error: the driver's own words hold parameters and addresses.
        cause = getattr(error, "orig", None) or error
        raise LedgerUnavailable(f"the ledger's database failed ({type(cause).__name__})") from error


def _revisions(connection: Connection) -> list[str]:
    """Which migration was the last; nothing for a database that is not a ledger yet."""
    if not inspect(connection).has_table(REVISIONS):
        return []
    return list(connection.execute(select(column("version_num")).select_from(table(REVISIONS))).scalars())


def _sqlite(url: URL, wait_seconds: float) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LedgerUnavailable(f"no directory for the ledger: {error.strerror}") from error
    engine = create_engine(url, connect_args={"timeout": wait_seconds})

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        # sqlite3 would begin transactions by itself, late and never around DDL; `begun` does it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode NORMAL may lose the last commits with the power.
        connection.execute("PRAGMA synchronous = FULL")
        teach_exact_sum(connection)

    def begun(connection: Connection) -> None:
        # A writer takes the lock at once: a reader that turns writer later cannot wait for it, it fails.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _postgresql(url: URL, wait_seconds: float) -> Engine:
    arguments: dict[str, Any] = {"timeout": wait_seconds}
    mode = url.query.get("sslmode")
    if mode not in (None, "disable", "allow", "prefer"):
        context = ssl.create_default_context()
        if mode == "require":  # as libpq means it: encrypted, whoever is at the other end
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif mode == "verify-ca":
            context.check_hostname = False
        arguments["ssl_context"] = context
    bare = url.difference_update_query(["sslmode"]).set(drivername="postgresql+pg8000")
    return create_engine(bare, connect_args=arguments, pool_pre_ping=True, pool_size=2)
