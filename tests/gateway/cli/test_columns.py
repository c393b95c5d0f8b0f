"""If these fail, a table on the terminal is out of line."""

from __future__ import annotations

from gateway.cli.columns import in_columns


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows = [("NAME", "N"), ("a", "12"), ("longer", "")]
    assert list(in_columns(rows)) == ["NAME    N", "a       12", "longer"]
