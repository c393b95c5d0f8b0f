"""Writer: puts rows into the ledger's tables in bulk, on each database in the way that costs it least.

Writing a row twice changes nothing. A settlement never gives way to `abandoned`; of two others the later one stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import Insert

from gateway.accounting.row import COLUMNS, Row
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY

_ABANDONED: Final[ColumnElement[str]] = literal_column("'abandoned'")  # written out: only rows are parameters

UNDER_WAY_COLUMNS: Final = tuple(str(column.name) for column in UNDER_WAY.columns)


class Writer(Protocol):
    """Called inside a transaction, never with nothing to write."""

    def settle(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Rows of `attempts`, each attempt at most once."""

    def end(self, connection: Connection, attempt_ids: Sequence[str]) -> None:
        """They are under way no longer, if they were."""

    def begin(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Rows of `attempts_under_way`; left out where the attempt has ended already."""


class SQLiteWriter:
    """One prepared statement each, which the driver runs for every row without Python in between."""

    def __init__(self) -> None:
        dialect = sqlite.dialect(paramstyle="qmark")
        ids = func.json_each(bindparam("ids")).table_valued("value")
        settle = _upsert(sqlite.insert(ATTEMPTS).values({name: bindparam(name) for name in COLUMNS}))
        row = select(*(literal_column("?").label(name) for name in UNDER_WAY_COLUMNS)).subquery()
        begin = _begin(sqlite.insert(UNDER_WAY), row)
        self._settle, self._end, self._begin, self._under_way = (
            str(statement.compile(dialect=dialect))
            for statement in (settle, _end(select(ids.c.value)), begin, select(UNDER_WAY.c.attempt_id))
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


class PostgreSQLWriter:
    """All rows in one parameter: one round trip, and a tenth of the work of sending some thirty values for each."""

    def __init__(self) -> None:
        attempts = _recordset(column(own.name, Text() if own.name == "findings" else own.type) for own in ATTEMPTS.c)
        values = [cast(own, JSONB) if own.name == "findings" else own for own in attempts.columns]
        under_way = _recordset(column(own.name, own.type) for own in UNDER_WAY.c)
        ids = func.jsonb_array_elements_text(cast(bindparam("ids", type_=Text()), JSONB)).table_valued("value")
        self._settle = _upsert(postgresql.insert(ATTEMPTS).from_select(COLUMNS, select(*values)))
        self._begin = _begin(postgresql.insert(UNDER_WAY), under_way)
        self._end = _end(select(ids.c.value))

    def settle(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.execute(self._settle, {"rows": _objects(COLUMNS, rows)})

    def end(self, connection: Connection, attempt_ids: Sequence[str]) -> None:
        connection.execute(self._end, {"ids": orjson.dumps(attempt_ids).decode()})

    def begin(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.execute(self._begin, {"rows": _objects(UNDER_WAY_COLUMNS, rows)})


def _upsert(insert: Any) -> Insert:
    """A row that is there already gives way to a settlement that wins."""
    new = insert.excluded
    wins = and_(
        new.outcome != _ABANDONED,
        or_(ATTEMPTS.c.outcome == _ABANDONED, new.settled_at > ATTEMPTS.c.settled_at),
    )
    changes = {name: new[name] for name in COLUMNS[1:]}
    return insert.on_conflict_do_update(index_elements=["attempt_id"], set_=changes, where=wins)  # type: ignore[no-any-return]


def _begin(insert: Any, rows: FromClause) -> Insert:
    """Journals may be read again: what has ended is not begun a second time."""
    ended = select(ATTEMPTS.c.attempt_id).where(ATTEMPTS.c.attempt_id == rows.c.attempt_id).exists()
    return insert.from_select(UNDER_WAY_COLUMNS, select(*rows.c).where(~ended)).on_conflict_do_nothing()  # type: ignore[no-any-return]


def _end(ids: Select[Any]) -> Delete:
    return delete(UNDER_WAY).where(UNDER_WAY.c.attempt_id.in_(ids))


def _recordset(columns: Iterable[ColumnClause[Any]]) -> FromClause:
    """The rows in the parameter `rows`, JSON text, as a table with these columns."""
    rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB)).table_valued(*columns, name="rows")
    return rows.render_derived(with_types=True)


def _objects(names: Sequence[str], rows: Sequence[Row]) -> str:
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode()
