"""Tables: samples and labels as SQL keeps them, on SQLite or PostgreSQL. No column holds text that can be read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Double, Index, LargeBinary, MetaData, Table, Text, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.stores.sql import Database, DatabaseUnavailable

SCHEMA: Final = 1
_LOCK: Final = 0x71DE6A80  # of PostgreSQL's advisory locks, the one that replicas take to make the tables
_METADATA: Final = MetaData()
_VERSIONS: Final = Table("learning_schema", _METADATA, Column("version", BigInteger, primary_key=True))
SAMPLES: Final = Table(
    "learning_samples",
    _METADATA,
    Column("request_id", Text, primary_key=True),
    Column("at", Double, nullable=False, index=True),  # seconds since the epoch
    Column("key", Text, nullable=False, index=True),  # the name of a key
    Column("team", Text),
    Column("route", Text, nullable=False),
    Column("small", Text, nullable=False, index=True),
    Column("large", Text, nullable=False),
    Column("went", Text, nullable=False),
    Column("difficulty", Double),
    Column("features", LargeBinary, nullable=False),
    Column("text", LargeBinary),  # sealed
    Column("clearance", Text, nullable=False),
)
LABELS: Final = Table(
    "learning_labels",
    _METADATA,
    Column("id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("at", Double, nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False, index=True),
    Column("weak", Double),
    Column("strong", Double),
    Column("weight", Double, nullable=False),
    Column("text", LargeBinary),  # sealed
    Index("learning_labels_of_request", "request_id"),
)


def made(database: Database) -> None:
    """Makes the tables where there are none. Raises `DatabaseUnavailable`, also for tables of a later version."""
    with database.writing() as connection:
        database.wait_for_turn(connection, _LOCK)
        _METADATA.create_all(connection)
        version = connection.execute(select(_VERSIONS.c.version)).scalar()
        if version is None:
            connection.execute(insert(_VERSIONS), {"version": SCHEMA})
        elif version != SCHEMA:
            raise DatabaseUnavailable(f"what was kept for learning is of version {version}, this release has {SCHEMA}")


Inserts = sqlite.Insert | postgresql.Insert


def inserting(connection: Connection, table: Table) -> Inserts:
    """An insert that knows what to do about a row that is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
