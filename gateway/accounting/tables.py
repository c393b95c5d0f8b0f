"""Tables of the ledger. One row in `attempts` per attempt that has ended, however it did.

Money is NUMERIC(24, 12) on PostgreSQL. SQLite has no exact decimals, so there it is text, and summed by us.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    and_,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

from gateway.accounting.money import EXACT, exact


class Money(TypeDecorator[Decimal]):
    """Dollars, exact to twelve places."""

    impl = Numeric(24, 12)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric(24, 12))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> object:
        if value is None:
            return None
        return format(exact(value), "f") if dialect.name == "sqlite" else exact(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else exact(Decimal(value))


class Document(TypeDecorator[Any]):
    """JSON. The dialect of PostgreSQL is imported where it is spoken."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(self.impl_instance)
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


class Findings(Document):
    """Counts by type."""

    cache_ok = True


class Texts(Document):
    """Texts in a list."""

    cache_ok = True


class exact_sum(GenericFunction[Decimal]):  # noqa: N801 -- named as it reads in SQL
    """SUM over money, without passing a float. NULL over no rows."""

    type = Money()
    inherit_cache = True


@compiles(exact_sum)
def _sum(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(exact_sum, "sqlite")
def _sum_on_sqlite(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"exact_sum({compiler.process(element.clauses, **options)})"


class _ExactSum:
    """The aggregate behind `exact_sum` on SQLite."""

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: str | None, /) -> None:
        if value is not None:
            self._total = EXACT.add(self._total or Decimal(0), Decimal(value))

    def finalize(self) -> str | None:
        return None if self._total is None else format(self._total, "f")


def teach_exact_sum(connection: sqlite3.Connection) -> None:
    """Every SQLite connection has to be told."""
    connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type] # typeshed knows only integers


REVISION: Final = "0005"  # of the migrations: the last one
REVISIONS: Final = "ledger_version"  # the table that says which one was the last

METADATA: Final = MetaData()

ATTEMPTS: Final = Table(
    "attempts",
    METADATA,
    # of the intent, in the order of its fields
    Column("attempt_id", Text, primary_key=True),
    Column("request_id", Text),  # needs no index of its own: attempt ids begin with it
    Column("at", Double),  # seconds since the epoch
    Column("key", Text),
    Column("team", Text),
    Column("route", Text),
    Column("deployment", Text),
    Column("zone", Text),
    Column("model", Text),
    Column("clearance", Text),
    Column("reason", Text),
    Column("difficulty", Double),
    Column("prompt_estimate", BigInteger),  # tokens
    Column("findings", Findings),
    # of the settlement
    Column("settled_at", Double, nullable=False),  # seconds since the epoch
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    # in the order of the fields of `Usage`
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("estimated", Boolean),
    Column("written_tokens", BigInteger),
    Column("audio_prompt_tokens", BigInteger),
    Column("audio_completion_tokens", BigInteger),
    Column("cost", Money),  # dollars; NULL: unknown
    Column("counterfactual", Money),  # dollars; NULL: unknown
    Column("latency", Double),  # seconds
    Column("first_token", Double),  # seconds
    Column("cache", Text),
    Column("streamed", Boolean),
    # of the intent again: came later, and is last where it was added
    Column("role", Text, nullable=False, server_default="answer"),
    Column("worker", Text),  # whose journal it was in: the identity of a worker in one life
    Column("tags", Texts),
    Column("held", Money),  # dollars: the most it could cost; NULL: nothing had to be held, or no bound was known
    # of `Usage` again
    Column("image_prompt_tokens", BigInteger),
    Column("image_completion_tokens", BigInteger),
    Column("written_hour_tokens", BigInteger),
    Column("searches", BigInteger),
    Column("tier", Text),
)

Index("attempts_settled_at", ATTEMPTS.c.settled_at)
Index("attempts_at", ATTEMPTS.c.at)  # by which budgets are rebuilt


def tagged(tag: str, dialect: str) -> ColumnElement[bool]:
    """Whether an attempt has that tag, as either database is asked for it."""
    if dialect == "postgresql":
        return ATTEMPTS.c.tags.op("@>", is_comparison=True)(func.jsonb_build_array(tag))
    tags = func.json_each(ATTEMPTS.c.tags).table_valued("value")
    return and_(ATTEMPTS.c.tags.is_not(None), select(tags.c.value).where(tags.c.value == tag).exists())


UNDER_WAY: Final = Table(
    "attempts_under_way",
    METADATA,
    Column("attempt_id", Text, primary_key=True),
    Column("worker", Text, nullable=False),  # the journal's identity, by which an attempt is known to be nobody's
    Column("at", Double, nullable=False),  # seconds since the epoch
    Column("intent", Text, nullable=False),  # its line in the journal
)

POSITIONS: Final = Table(
    "journal_positions",
    METADATA,
    Column("file", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),  # bytes of the file that are in `attempts`
)
