"""SQL: the connection to SQLite (a file, in WAL mode) or to PostgreSQL (through pg8000), for all who keep tables there.

SQLAlchemy is imported with this file, so this file is imported where there is something to read or to write.
"""

from __future__ import annotations

import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

WAIT_SECONDS: Final = 15.0  # for another writer of the SQLite file, or for one answer of PostgreSQL
_MOMENT: Final = 0.005  # seconds


class DatabaseUnavailable(Exception):
    """The database is away, full, locked, or not one of ours."""


class Database:
    """Connections in transactions. Every method raises `unavailable` for whatever the database has to say.

    `name` is what it is called in messages; `survives_power_loss` is of SQLite, where that costs a flush a transaction.
    """

    name: ClassVar[str] = "database"
    unavailable: ClassVar[type[DatabaseUnavailable]] = DatabaseUnavailable
    survives_power_loss: ClassVar[bool] = True

    def __init__(self, url: str, wait_seconds: float = WAIT_SECONDS) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise self.unavailable(f"the {self.name}'s URL cannot be read") from error  # it may hold a password
        if parsed.get_backend_name() == "sqlite":
            self._engine = self._sqlite(parsed, wait_seconds)
        elif parsed.get_backend_name() in ("postgresql", "postgres"):
            self._engine = _postgresql(parsed, wait_seconds)
        else:
            raise self.unavailable(f"no {self.name} on {parsed.get_backend_name()}: sqlite or postgresql")
        self._writer = self._engine.execution_options(writing=True)
        self._reader = self._engine
        if self.is_postgresql:  # where each statement would see a moment of its own
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def teach(self, connection: sqlite3.Connection) -> None:
        """What every new connection to SQLite has to be told besides."""

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All queries see the same moment."""
        with self._named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """What is written is on the server's disk when this ends."""
        with self._named(), self._writer.begin() as connection:
            if self.is_postgresql:
                connection.execute(text("SET LOCAL synchronous_commit = on"))  # it may be off for the whole server
            yield connection

    def wait_for_turn(self, connection: Connection, lock: int) -> None:
        """Until the transaction ends, nobody else who asks for this lock gets on. SQLite has one writer anyway."""
        if self.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

    @classmethod
    def opened(cls, url: str, wait_seconds: float, make: Callable[[Self], None]) -> Self:
        """Connects, and has `make` see to the tables. What cannot be used is closed again."""
        database = cls(url, wait_seconds)
        try:
            make(database)
        except DatabaseUnavailable:
            database.close()
            raise
        return database

    def make_tables(self, tables: MetaData, lock: int) -> None:
        """Those that are not there. `lock` is for replicas that start at once."""
        with self.writing() as connection:
            self.wait_for_turn(connection, lock)
            tables.create_all(connection)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            # Only the kind of error: the driver's own words hold parameters and addresses.
            cause = getattr(error, "orig", None) or error
            raise self.unavailable(f"the {self.name}'s database failed ({type(cause).__name__})") from error

    def _sqlite(self, url: URL, wait_seconds: float) -> Engine:
        if url.database and url.database != ":memory:":
            try:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise self.unavailable(f"no directory for the {self.name}: {error.strerror}") from error
        engine = create_engine(url, connect_args={"timeout": wait_seconds})

        def connected(connection: sqlite3.Connection, _record: object) -> None:
            # sqlite3 would begin transactions by itself, late and never around DDL; `begun` does it instead.
            connection.isolation_level = None
            _write_ahead(connection, wait_seconds)
            # In WAL mode NORMAL may lose the last commits with the power.
            connection.execute(f"PRAGMA synchronous = {'FULL' if self.survives_power_loss else 'NORMAL'}")
            self.teach(connection)

        def begun(connection: Connection) -> None:
            # A writer takes the lock at once: a reader that turns writer later cannot wait for it, it fails.
            writing = connection.get_execution_options().get("writing")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        event.listen(engine, "connect", connected)
        event.listen(engine, "begin", begun)
        return engine


def _write_ahead(connection: sqlite3.Connection, wait_seconds: float) -> None:
    """WAL mode. While another makes tables in a new file, SQLite says at once that it is locked, however long it may
    wait."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_MOMENT)
        else:
            return


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
