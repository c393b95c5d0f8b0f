"""The table must say missed where a goal is missed."""

from __future__ import annotations

import pytest

from bench.detection.figures import FIGURES, details, lines, verdict
from bench.detection.rows import Judged, Row


@pytest.mark.parametrize(
    ("value", "at_most", "expected"),
    [
        (0.97, False, "aim"),
        (0.95, False, "must"),
        (0.92, False, "missed"),
        (0.92, True, "aim"),
        (0.95, True, "must"),
        (0.97, True, "missed"),
    ],
)
def test_verdict(value: float, at_most: bool, expected: str) -> None:
    must, aim = (0.96, 0.93) if at_most else (0.93, 0.96)
    assert verdict(value, must, aim, at_most) == expected


def test_the_table_counts_rows_of_its_kind_alone() -> None:
    harmless = Row("1", "s", "code", "x", "negative", file="neg")
    strong = Row("2", "t", "de", "y", "strong", file="pos")
    table = list(lines([Judged(harmless, ()), Judged(strong, ((0, 1, "PERSON"),))]))[1:]
    assert len(table) == len(FIGURES)
    told = {figure.name: line for figure, line in zip(FIGURES, table, strict=True)}
    assert "1.000" in told["documents with strong identifiers"]
    assert told["documents with strong identifiers"].endswith("aim")
    assert "0.000" in told["false alarms, code"]
    assert "no rows" in told["secrets"]


def test_details_name_language_and_source() -> None:
    row = Row("2", "gen-eu", "de", "y", "strong", file="pos")
    text = "\n".join(details([Judged(row, ())]))
    assert "    de " in text
    assert "gen-eu, strong" in text
