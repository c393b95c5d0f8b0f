"""Writer: puts rows into the ledger's tables in bulk, on each database in the way that costs it least.

Writing a row twice changes nothing. A settlement never gives way to `abandoned`; of two others the later one stands.
One file for each database, imported where it is used: `writer_sqlite.py`, `writer_postgresql.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Connection, Delete, FromClause, Select, and_, delete, literal_column, or_, select
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


def upsert(insert: Any) -> Insert:
    """A row that is there already gives way to a settlement that wins."""
    new = insert.excluded
    wins = and_(
        new.outcome != _ABANDONED,
        or_(ATTEMPTS.c.outcome == _ABANDONED, new.settled_at > ATTEMPTS.c.settled_at),
    )
    changes = {name: new[name] for name in COLUMNS[1:]}
    return insert.on_conflict_do_update(index_elements=["attempt_id"], set_=changes, where=wins)  # type: ignore[no-any-return]


def begun(insert: Any, rows: FromClause) -> Insert:
    """Journals may be read again: what has ended is not begun a second time."""
    ended = select(ATTEMPTS.c.attempt_id).where(ATTEMPTS.c.attempt_id == rows.c.attempt_id).exists()
    return insert.from_select(UNDER_WAY_COLUMNS, select(*rows.c).where(~ended)).on_conflict_do_nothing()  # type: ignore[no-any-return]


def ended(ids: Select[Any]) -> Delete:
    return delete(UNDER_WAY).where(UNDER_WAY.c.attempt_id.in_(ids))
