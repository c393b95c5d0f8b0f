"""Parquet: the lines of an account for data tools. Amounts are decimals, not floats; what is unknown is null."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from gateway.accounting.savings import Account, Spend

_BETWEEN: Final = ("spent_between", "saved_between")
_AMOUNTS: Final = ("spent", "reference", "saved", "held")
_COUNTS: Final = tuple(field.name for field in fields(Spend) if field.name not in ("group", *_AMOUNTS, *_BETWEEN))
_DIGITS, _PLACES = 38, 12  # of Parquet's decimals; money has twelve places


class NoParquet(Exception):
    """The library is not installed. The message says what to do."""


def as_parquet(account: Account) -> bytes:
    """A row for each line; without dimensions, the total. Raises `NoParquet`."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise NoParquet("Parquet is written with pyarrow: pip install 'tidegate[parquet]'") from error
    money = arrow.decimal128(_DIGITS, _PLACES)
    types: dict[str, Any] = {
        **dict.fromkeys(account.by, arrow.string()),
        **dict.fromkeys(_COUNTS, arrow.int64()),
        **dict.fromkeys((*_AMOUNTS, *_ends()), money),
    }
    lines = account.lines if account.by else (account.total,)
    rows = [_row(account.by, line) for line in lines]
    columns = {name: arrow.array([row[name] for row in rows], kind) for name, kind in types.items()}
    file = io.BytesIO()
    parquet.write_table(arrow.table(columns), file)
    return file.getvalue()


def _ends() -> Iterator[str]:
    for name in _BETWEEN:
        stem = name.removesuffix("_between")
        yield from (f"{stem}_low", f"{stem}_high")


def _row(by: tuple[str, ...], line: Spend) -> dict[str, str | int | Decimal | None]:
    ends = [end for name in _BETWEEN for end in (getattr(line, name) or (None, None))]
    return {
        **dict(zip(by, line.group, strict=True)),
        **{name: getattr(line, name) for name in (*_COUNTS, *_AMOUNTS)},
        **dict(zip(_ends(), ends, strict=True)),
    }
