"""Tables: keys, their secrets, teams and every change to them, as SQL keeps them. No column holds a key."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text, insert, select

from gateway.stores.sql import Database, DatabaseUnavailable

SCHEMA: Final = 1
_LOCK: Final = 0x71DE6A82  # of PostgreSQL's advisory locks, the one that replicas take to make the tables
_METADATA: Final = MetaData()
_NAME: Final = Text().with_variant(
    Text(collation="C"), "postgresql"
)  # in the order of its bytes, as in SQLite and here
STATE: Final = Table(
    "access_state",
    _METADATA,
    Column("schema", BigInteger, primary_key=True),
    Column("epoch", Text, nullable=False),  # of this database: one that was put in its place has another
    Column("version", BigInteger, nullable=False),  # grows by one with every change
)
KEYS: Final = Table(
    "access_keys",
    _METADATA,
    Column("name", _NAME, primary_key=True),
    Column("team", Text, index=True),
    Column("terms", Text, nullable=False),  # JSON
    Column("made_at", Double, nullable=False),  # seconds since the epoch
    Column("made_by", Text, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
    Column("version", BigInteger, nullable=False, index=True),  # of its last change
)
SECRETS: Final = Table(
    "access_secrets",
    _METADATA,
    Column("digest", LargeBinary, primary_key=True),  # HMAC-SHA256
    Column("key", Text, nullable=False, index=True),
    Column("shown", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("until", Double),
)
TEAMS: Final = Table(
    "access_teams",
    _METADATA,
    Column("name", _NAME, primary_key=True),
    Column("terms", Text, nullable=False),  # JSON
    Column("made_at", Double, nullable=False),
    Column("made_by", Text, nullable=False),
)
EVENTS: Final = Table(
    "access_events",
    _METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),  # key, team
    Column("name", Text, nullable=False),
    Column("said", Text, nullable=False),  # JSON
    Index("access_events_of", "kind", "name"),
    sqlite_autoincrement=True,
)


def made(database: Database) -> None:
    """Makes the tables where there are none. Raises `DatabaseUnavailable`, also for tables of a later version."""
    with database.writing() as connection:
        database.wait_for_turn(connection, _LOCK)
        _METADATA.create_all(connection)
        schema = connection.execute(select(STATE.c.schema)).scalar()
        if schema is None:
            connection.execute(insert(STATE), {"schema": SCHEMA, "epoch": secrets.token_hex(8), "version": 0})
        elif schema != SCHEMA:
            raise DatabaseUnavailable(f"stored keys are of version {schema}, this release has {SCHEMA}")
