"""Reading a gateway's ledger from outside, with nothing of the gateway's own code: its SQLite file, or PostgreSQL."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any
from urllib.parse import urlsplit

import pg8000.native

from tests.harness.gateway import Gateway
from tests.harness.wait import until

Row = dict[str, Any]


def rows(gateway: Gateway) -> list[Row]:
    """All attempts that have ended and are written down, oldest first. Money is text in SQLite."""
    if not gateway.ledger.exists():
        return []  # it is made for the first line of a journal
    address = f"file:{gateway.ledger}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
        connection.row_factory = sqlite3.Row
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone():
            return []
        return [dict(row) for row in connection.execute('SELECT * FROM attempts ORDER BY "at"')]


def rows_on(url: str) -> list[Row]:
    """The same of a ledger on PostgreSQL, where money is decimal. Nothing may be under way."""
    address = urlsplit(url)
    place: dict[str, Any] = {"host": address.hostname, "port": address.port, "database": address.path[1:]}
    with contextlib.closing(pg8000.native.Connection(address.username or "", **place)) as connection:
        assert connection.run("SELECT count(*) FROM attempts_under_way") == [[0]]
        values = connection.run('SELECT * FROM attempts ORDER BY "at"') or []
        names = [column["name"] for column in connection.columns or []]
    return [dict(zip(names, row, strict=True)) for row in values]


def wait_for_rows(gateway: Gateway, request_id: str, count: int = 1) -> list[Row]:
    """The settled attempts of a request, once there are `count` of them; they are written in the background."""
    found: list[Row] = []

    def look() -> bool:
        found[:] = [row for row in rows(gateway) if row["request_id"] == request_id]
        return len(found) >= count

    until(f"{count} attempts of {request_id}", look)
    assert len(found) == count
    return found


def wait_for_row_of_route(gateway: Gateway, route: str) -> Row:
    """The one settled attempt on a route that is used once: for requests whose id nobody was told."""
    found: list[Row] = []

    def look() -> bool:
        found[:] = [row for row in rows(gateway) if row["route"] == route]
        return bool(found)

    until(f"an attempt on {route}", look)
    (row,) = found
    return row
