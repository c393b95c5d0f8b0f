"""The writer for SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, bindparam, func, literal_column, select
from sqlalchemy.dialects import sqlite

from gateway.accounting.row import COLUMNS, Row
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY
from gateway.accounting.writer import UNDER_WAY_COLUMNS, begun, ended, upsert


class SQLiteWriter:
    """One prepared statement each, which the driver runs for every row without Python in between."""

    def __init__(self) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        ids = func.json_each(bindparam("ids")).table_valued("value")
        settle = upsert(sqlite.insert(ATTEMPTS).values({name: bindparam(name) for name in COLUMNS}))
        row = select(*(literal_column("?").label(name) for name in UNDER_WAY_COLUMNS)).subquery()
        begin = begun(sqlite.insert(UNDER_WAY), row)
        self._settle, self._end, self._begin, self._under_way = (
            str(statement.compile(dialect=dialect))
            for statement in (
                settle,
                ended(select(ids.c.value)),
                begin,
                select(UNDER_WAY.c.attempt_id),
            )
        )

    def settle(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(self._settle, list(rows))

    def end(self, connection: Connection, attempt_ids: Sequence[str]) -> None:
        # Few are under way at any moment: asking which is cheaper than looking for each of thousands that are not.
        known = {row[0] for row in connection.exec_driver_sql(self._under_way)}
        if ended := known.intersection(attempt_ids):
            connection.exec_driver_sql(self._end, (orjson.dumps(list(ended)).decode(),))

    def begin(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(self._begin, list(rows))
