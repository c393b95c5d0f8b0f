"""Table: the rows of kept responses, on SQLite or PostgreSQL. What stands in a row besides its seal is no content."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, NamedTuple, Self

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Text, delete, insert, select
from sqlalchemy import Table as SqlTable

from gateway.stores.seal import Label
from gateway.stores.sql import Database

_LOCK: Final = 0x71DE6A7F  # of PostgreSQL's advisory locks, the one that replicas take to make the table
_METADATA: Final = MetaData()
_RESPONSES: Final = SqlTable(
    "responses",
    _METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),  # the name of a key
    Column("clearance", Text, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),  # seconds since the epoch
    Column("sealed", LargeBinary, nullable=False),
)


class Row(NamedTuple):
    label: Label
    sealed: bytes


class GivenUp(Exception):
    """Nobody waits for the row any more, so it was not written."""


class _Database(Database):
    name: ClassVar[str] = "state"
    survives_power_loss: ClassVar[bool] = False


class Table:
    """Every method raises `DatabaseUnavailable` when the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, wait_seconds: float) -> Self:
        """Connects, and makes the table where there is none."""
        return cls(_Database.opened(url, wait_seconds, lambda database: database.make_tables(_METADATA, _LOCK)))

    def put(self, row: Row, *, unless: Callable[[], bool]) -> None:
        """Raises `GivenUp` when `unless` says so at the last moment."""
        label = row.label
        values = {
            "id": label.id,
            "owner": label.owner,
            "clearance": label.clearance,
            "expires": label.expires,
            "sealed": row.sealed,
        }
        with self._database.writing() as connection:
            connection.execute(insert(_RESPONSES), values)
            if unless():
                raise GivenUp

    def get(self, response_id: str) -> Row | None:
        with self._database.reading() as connection:
            found = connection.execute(select(_RESPONSES).where(_RESPONSES.c.id == response_id)).one_or_none()
        if found is None:
            return None
        return Row(Label(found.id, found.owner, found.clearance, found.expires), bytes(found.sealed))

    def delete(self, response_id: str, owner: str, *, after: int) -> bool:
        """Whether there was one of that owner that lasts beyond `after`."""
        its = (_RESPONSES.c.id == response_id) & (_RESPONSES.c.owner == owner) & (_RESPONSES.c.expires > after)
        with self._database.writing() as connection:
            return bool(connection.execute(delete(_RESPONSES).where(its)).rowcount)

    def purge(self, until: int) -> int:
        """Deletes what has expired, and says how many that were."""
        with self._database.writing() as connection:
            return connection.execute(delete(_RESPONSES).where(_RESPONSES.c.expires <= until)).rowcount

    def close(self) -> None:
        self._database.close()
