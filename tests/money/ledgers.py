"""Ledgers as an accountant reads them, with nothing of the gateway's own code: a SQLite file, or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.servers.postgres import PostgresServer

_ENDED: Final = "SELECT request_id, outcome, cost, held FROM attempts"
_UNDER_WAY: Final = "SELECT count(*) FROM attempts_under_way"


class Entry(NamedTuple):
    """One attempt that has ended. In dollars; None: unknown."""

    request_id: str
    outcome: str
    cost: Decimal | None
    held: Decimal | None


class Read(NamedTuple):
    """A moment of the ledger."""

    entries: tuple[Entry, ...]
    under_way: int


Reader = Callable[[], Read]


def of_file(file: Path) -> Reader:
    def read() -> Read:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
            return _read(connection.execute(_ENDED), connection.execute(_UNDER_WAY))

    return read


def of_server(server: PostgresServer, database: str, key: str) -> Reader:
    """Of one key; what is under way is everybody's."""

    def read() -> Read:
        with closing(server.connect(database)) as connection:
            return _read(connection.run(f"{_ENDED} WHERE key = :key", key=key) or (), connection.run(_UNDER_WAY) or ())

    return read


def _read(ended: Iterable[Sequence[Any]], under_way: Iterable[Sequence[Any]]) -> Read:
    entries = [Entry(row[0], row[1], _dollars(row[2]), _dollars(row[3])) for row in ended]
    ((count,),) = under_way
    return Read(tuple(entries), int(count))


def _dollars(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
