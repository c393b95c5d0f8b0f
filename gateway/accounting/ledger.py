"""Ledger: the durable record of what every attempt cost, in SQL. Filled from the journals by `drain.py`.

Applying a record twice, or a settlement before its intent, leaves the same row. A settlement never gives way to
`abandoned`; of two others the later one stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

import orjson
from sqlalchemy import Connection, Text, and_, bindparam, case, cast, column, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import Insert, Update

from gateway.accounting.database import Database, LedgerUnavailable
from gateway.accounting.record import Intent, Settlement
from gateway.accounting.tables import (
    ATTEMPTS,
    INTENT_COLUMNS,
    POSITIONS,
    SETTLEMENT_COLUMNS,
    USAGE_COLUMNS,
)

__all__ = ["Ledger", "LedgerUnavailable", "Position"]

Row = dict[str, Any]

_OF_INTENT: Final = tuple(name for name in INTENT_COLUMNS if name not in ("worker", "findings"))
_OF_SETTLEMENT: Final = tuple(name for name in SETTLEMENT_COLUMNS if name not in ("settled_at", *USAGE_COLUMNS))
_EMPTY: Final[Row] = dict.fromkeys(("attempt_id", *INTENT_COLUMNS, *SETTLEMENT_COLUMNS))


@dataclass(frozen=True, slots=True)
class Position:
    """How many bytes of a journal file the ledger holds."""

    file: str
    offset: int


class Ledger:
    """The ledger behind one URL. Every method raises `LedgerUnavailable` when its database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._postgresql = database.is_postgresql
        self._upsert = _upsert(_insert_from_json() if self._postgresql else sqlite.insert(ATTEMPTS))

    @classmethod
    def open(cls, url: str) -> Self:
        """Connects to `sqlite:///FILE` or `postgresql://…`, makes what is missing, and brings the tables up to date."""
        database = Database(url)
        try:
            database.migrate()
        except LedgerUnavailable:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries, all of which see the same moment."""
        with self._database.reading() as connection:
            yield connection

    def apply(
        self, records: Iterable[Intent | Settlement], *, worker: str | None = None, position: Position | None = None
    ) -> None:
        """Writes the records down and remembers how far the journal was read: both or neither."""
        rows = _merged(records, worker)
        with self._database.writing() as connection:
            if rows and self._postgresql:
                connection.execute(self._upsert, {"rows": orjson.dumps(rows, default=_plain).decode()})
            elif rows:
                connection.execute(self._upsert, rows)
            if position:
                connection.execute(delete(POSITIONS).where(POSITIONS.c.file == position.file))
                connection.execute(POSITIONS.insert().values(file=position.file, position=position.offset))

    def positions(self, files: Sequence[str]) -> dict[str, int]:
        """How many bytes of each of these files have been applied; files never seen are left out."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(POSITIONS.c.file, POSITIONS.c.position).where(POSITIONS.c.file.in_(files))
            )
            return {row.file: row.position for row in found}

    def bury(self, worker: str, at: float, files: Sequence[str]) -> int:
        """A worker is dead and its files are read to the end: settles what it left open, forgets the files.

        Returns how many attempts were settled as abandoned. What they cost is unknown.
        """
        with self._database.writing() as connection:
            done = connection.execute(_abandon(at).where(ATTEMPTS.c.worker == worker))
            connection.execute(delete(POSITIONS).where(POSITIONS.c.file.in_(files)))
            return done.rowcount

    def forget(self, file: str) -> None:
        """The file is read to the end and about to be deleted."""
        with self._database.writing() as connection:
            connection.execute(delete(POSITIONS).where(POSITIONS.c.file == file))

    def abandon_before(self, started: float, at: float) -> int:
        """Settles as abandoned what began before `started` and is still open: its journal was lost with its machine."""
        with self._database.writing() as connection:
            return connection.execute(_abandon(at).where(ATTEMPTS.c.at < started)).rowcount


def _abandon(at: float) -> Update:
    return (
        update(ATTEMPTS)
        .where(ATTEMPTS.c.outcome.is_(None), ATTEMPTS.c.at.is_not(None))
        .values(outcome="abandoned", settled_at=at, status=0)
    )


def _insert_from_json() -> Any:
    """All rows in one parameter: one round trip, and a tenth of the work of sending some thirty values for each."""
    columns = [column(own.name, own.type) for own in ATTEMPTS.columns]
    rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB)).table_valued(*columns, name="rows")
    names = [own.name for own in ATTEMPTS.columns]
    return postgresql.insert(ATTEMPTS).from_select(names, select(*rows.render_derived(with_types=True).columns))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(type(value).__name__)


def _upsert(insert: Any) -> Insert:
    """One upsert for all: what the new row knows of the intent is taken over, of the settlement only if it wins."""
    new = insert.excluded
    wins = and_(
        new.outcome.is_not(None),
        or_(
            ATTEMPTS.c.outcome.is_(None),
            and_(
                new.outcome != "abandoned",
                or_(ATTEMPTS.c.outcome == "abandoned", new.settled_at > ATTEMPTS.c.settled_at),
            ),
        ),
    )
    changes: dict[str, Any] = {name: func.coalesce(new[name], ATTEMPTS.c[name]) for name in INTENT_COLUMNS}
    changes |= {name: case((wins, new[name]), else_=ATTEMPTS.c[name]) for name in SETTLEMENT_COLUMNS}
    return insert.on_conflict_do_update(index_elements=["attempt_id"], set_=changes)  # type: ignore[no-any-return]


def _merged(records: Iterable[Intent | Settlement], worker: str | None) -> list[Row]:
    """One row per attempt, by the same rules as the upsert, which may meet an attempt only once."""
    rows: dict[str, Row] = {}
    for record in records:
        row = rows.setdefault(record.attempt_id, {**_EMPTY, "attempt_id": record.attempt_id})
        if isinstance(record, Intent):
            row |= {name: getattr(record, name) for name in _OF_INTENT}
            row["worker"], row["findings"] = worker, dict(record.findings)
        elif _wins(record, row):
            row |= _settled(record)
    return list(rows.values())


def _wins(new: Settlement, row: Row) -> bool:
    if row["outcome"] is None:
        return True
    return new.outcome != "abandoned" and (row["outcome"] == "abandoned" or new.at > row["settled_at"])


def _settled(settlement: Settlement) -> Row:
    usage = settlement.usage
    return {
        "settled_at": settlement.at,
        **{name: getattr(settlement, name) for name in _OF_SETTLEMENT},
        **{name: usage and getattr(usage, name) for name in USAGE_COLUMNS},
    }
