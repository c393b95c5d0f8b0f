"""If these fail, a caller's tag is carried out as a formula in the spreadsheet of whoever reads a report."""

from __future__ import annotations

import pytest

from gateway.accounting.cell import as_cell


@pytest.mark.parametrize("text", ['=hyperlink("http://x")', "+1", "-1+1", "@sum(a1)", "\t=1", "\r=1", "＝1"])
def test_what_begins_like_a_formula_is_a_text(text: str) -> None:
    assert as_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "auto", "project=atlas", "a-b", "1", "ann@example.com"])
def test_all_else_stands_as_it_is(text: str) -> None:
    assert as_cell(text) == text
