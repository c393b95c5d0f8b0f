"""Dimensions: what a report can be broken down by. Days and months are those of UTC, by when an attempt was settled.

An attempt with several tags is in the line of each; of all other dimensions it has one value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Text, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from gateway.accounting.tables import ATTEMPTS

_PLAIN: Final = ("route", "key", "team", "model", "deployment", "role")


class utc_day(GenericFunction[str]):  # noqa: N801 -- named as it reads in SQL
    """Seconds since the epoch as `2026-11-23`, in UTC."""

    type = Text()
    inherit_cache = True


class each_text(GenericFunction[str]):  # noqa: N801 -- as above
    """The texts of a list, a row for each."""

    type = Text()
    inherit_cache = True


class utc_month(GenericFunction[str]):  # noqa: N801 -- as above
    """Seconds since the epoch as `2026-11`, in UTC."""

    type = Text()
    inherit_cache = True


# Whole seconds first: both databases round, and the last half millisecond of a day is not the next day.
def _on_sqlite(form: str) -> Callable[..., str]:
    def compiled(element: GenericFunction[str], compiler: SQLCompiler, **options: Any) -> str:
        return f"strftime('{form}', CAST({compiler.process(element.clauses, **options)} AS INTEGER), 'unixepoch')"

    return compiled


def _on_postgresql(form: str) -> Callable[..., str]:
    def compiled(element: GenericFunction[str], compiler: SQLCompiler, **options: Any) -> str:
        seconds = compiler.process(element.clauses, **options)
        return f"to_char(to_timestamp(floor({seconds})) AT TIME ZONE 'UTC', '{form}')"

    return compiled


@compiles(each_text, "sqlite")
def _each_on_sqlite(element: each_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(each_text, "postgresql")
def _each_on_postgresql(element: each_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_elements_text({compiler.process(element.clauses, **options)})"


compiles(utc_day, "sqlite")(_on_sqlite("%Y-%m-%d"))
compiles(utc_month, "sqlite")(_on_sqlite("%Y-%m"))
compiles(utc_day, "postgresql")(_on_postgresql("YYYY-MM-DD"))
compiles(utc_month, "postgresql")(_on_postgresql("YYYY-MM"))

_TAGS: Final = each_text(ATTEMPTS.c.tags).table_valued("value", name="tag")

EXPRESSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    **{name: ATTEMPTS.c[name] for name in _PLAIN},
    "day": utc_day(ATTEMPTS.c.settled_at),
    "month": utc_month(ATTEMPTS.c.settled_at),
    "tag": _TAGS.c.value,
}
DIMENSIONS: Final = tuple(EXPRESSIONS)


def source_of(by: Sequence[str]) -> FromClause:
    """What is selected from: an attempt once, or once for each of its tags; one without tags has NULL."""
    return ATTEMPTS.outerjoin(_TAGS, true()) if "tag" in by else ATTEMPTS
