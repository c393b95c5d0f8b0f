"""A difference is only useful if it is seen, and what is unknown must not look like a zero."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.accounting.reconcile import Amounts, Line, Reconciled
from gateway.accounting.reconcile_report import as_csv, as_json, as_table

DAY = date(2026, 11, 23)


def amounts(requests: int, cost: str, unknown: int = 0) -> Amounts:
    return Amounts(requests=requests, cost=Decimal(cost), unknown=unknown)


LINES = (
    Line(DAY, "gpt-4o", amounts(1200, "3.5"), amounts(1200, "3.5"), "agrees"),
    Line(DAY, "gpt-4o-mini", amounts(10, "0.25"), amounts(11, "0.27"), "differs"),
    Line(DAY, "o3", None, amounts(1, "0.000001000001"), "not in the ledger"),
    Line(DAY, "o4", amounts(2, "0.1", unknown=1), amounts(2, "0.2"), "unknown"),
)
TOTAL = Line(DAY, None, amounts(1212, "3.85", unknown=1), amounts(1214, "3.970001000001"), "differs")
FOUND = Reconciled(LINES, TOTAL, ("requests", "cost"))
TABLE = """\
1 of 4 days and models agree.

day         model        requests  more than theirs      cost  more than theirs
2026-11-23  gpt-4o-mini        10                -1  0.250000         -0.020000  differs
2026-11-23  o3                  -                -1         -         -0.000001  not in the ledger
2026-11-23  o4                  2                +0  0.100000           unknown  unknown
total                       1,212                -2  3.850000           unknown

The cost of 1 of the ledger's attempts is unknown: there the difference is, too.
"""


def test_the_table_shows_what_does_not_agree() -> None:
    assert as_table(FOUND) == TABLE


def test_where_all_agree_there_is_nothing_to_show() -> None:
    assert as_table(Reconciled(LINES[:1], TOTAL, ("requests", "cost"))) == "1 of 1 days and models agree.\n"


def test_csv_has_everything_and_leaves_the_unknown_empty() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(FOUND))))
    assert [row["verdict"] for row in rows] == ["agrees", "differs", "not in the ledger", "unknown"]
    assert [row["cost_difference"] for row in rows] == ["0", "-0.02", "-0.000001000001", ""]
    assert [row["requests_ledger"] for row in rows] == ["1200", "10", "", "2"]
    assert rows[3]["unknown_cost"] == "1"


def test_a_statements_model_is_no_formula_in_csv() -> None:
    line = replace(FOUND.lines[0], model="=1+1")
    (row,) = csv.DictReader(io.StringIO(as_csv(replace(FOUND, lines=(line,)))))
    assert row["model"] == "'=1+1"


def test_json_has_everything_and_null_for_the_unknown() -> None:
    document = json.loads(as_json(FOUND))
    assert document["agrees"] is False
    assert document["lines"][3]["cost"] == {"ledger": "0.1", "statement": "0.2", "difference": None}
    assert document["lines"][2]["requests"] == {"ledger": None, "statement": 1, "difference": -1}
    assert document["total"]["requests"]["difference"] == -2
