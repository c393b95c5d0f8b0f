"""Data tools get types, so no amount may become a float on the way, and nothing unknown a zero."""

from __future__ import annotations

import io
import sys
from decimal import Decimal

import pytest
from pyarrow import parquet

from gateway.accounting.parquet import NoParquet, as_parquet
from tests.gateway.accounting.test_report import ACCOUNT, EMPTY


def test_types_and_values() -> None:
    table = parquet.read_table(io.BytesIO(as_parquet(ACCOUNT)))
    assert str(table.schema.field("spent").type) == "decimal128(38, 12)"
    assert str(table.schema.field("requests").type) == "int64"
    assert table.column("spent").to_pylist() == [Decimal("1.5"), Decimal("0.000000000001"), None]
    assert table.column("saved_low").to_pylist() == [Decimal("9.25"), Decimal("0.499999999998"), None]
    assert table.column("team").to_pylist() == ["red", None, "a,b"]
    assert table.num_rows == 3  # no total, which would be counted twice


def test_without_dimensions_it_is_the_total() -> None:
    table = parquet.read_table(io.BytesIO(as_parquet(EMPTY)))
    assert table.column("attempts").to_pylist() == [0]


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NoParquet, match=r"tidegate\[parquet\]"):
        as_parquet(EMPTY)
