"""Read by people, by spreadsheets and by programs: none of them may lose a digit or take unknown for zero."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

from gateway.accounting.margin import ASSUMED, Margin
from gateway.accounting.period import Period
from gateway.accounting.prices import ASSUMED_MACHINE
from gateway.accounting.report import as_csv, as_json, as_table
from gateway.accounting.savings import Account, Projection, Spend

TINY = Decimal("0.000000000001")


def spend(group: tuple[str | None, ...], spent: Decimal | None, reference: Decimal | None, unknown: int = 0) -> Spend:
    return Spend(
        group=group,
        requests=1200,
        attempts=1201,
        answered=1000,
        answered_at_home=750,
        hits=200,
        prompt_tokens=1_000_000,
        completion_tokens=50_000,
        estimated=3,
        unknown_cost=unknown,
        not_compared=unknown,
        spent=spent,
        reference=reference,
        saved=None if spent is None or reference is None else reference - spent,
        held=Decimal("0.25") if unknown else Decimal(0),
        spent_between=None if spent is None else (spent, spent * 2),
        saved_between=None if spent is None or reference is None else (reference - spent * 2, reference - spent),
    )


ACCOUNT = Account(
    by=("deployment", "team"),
    period=Period(1_780_000_000.0, None),
    lines=(
        spend(("home", "red"), Decimal("1.5"), Decimal("12.25")),
        spend(("home", None), TINY, Decimal("0.5")),
        spend(("", "a,b"), None, None, unknown=1201),
    ),
    total=spend((), Decimal("1.500000000001"), Decimal("12.75"), unknown=1201),
    projection=Projection(2400, Decimal("625.0000000004"), Decimal("5312.5")),
    under_way=2,
    deployments=frozenset({"small"}),
    margin=Margin(Decimal(1), Decimal(2), 4321),
)
NOUGHT = Decimal(0)
NOTHING = Spend((), *(0,) * 10, *(NOUGHT,) * 4, (NOUGHT, NOUGHT), (NOUGHT, NOUGHT))
EMPTY = Account((), Period(), (), NOTHING, Projection(0, None, None), 0, frozenset())


TABLE = """\
Spend since 2026-05-28T20:26:40Z, in dollars

deployment  team  requests  local  hits  tokens in  tokens out      spent  all large      saved  unknown cost
home        red      1,200    75%   200  1,000,000      50,000   1.500000  12.250000  10.750000             0
home        -        1,200    75%   200  1,000,000      50,000  <0.000001   0.500000   0.500000             0
(cache)     a,b      1,200    75%   200  1,000,000      50,000    unknown    unknown    unknown         1,201
total                1,200    75%   200  1,000,000      50,000   1.500000  12.750000  11.250000         1,201

The cost of 1,201 attempts is unknown and in none of the sums; at the most 0.250000 $, \
as far as anything was held for it.
1,201 attempts not compared with the large model: one of the two costs is unknown.
The tokens of 3 attempts are estimated: the model's server did not count them.
An estimate may stand for 1 to 2 times as many tokens (measured on 4,321 that were counted). \
So spent is from 1.500000 to 3.000000, and saved is from 9.750000 to 11.250000.
2 attempts not settled yet.
Assumed for small, which has no price: 60 W while busy at 0.3 $/kWh, and 0.03 $ of hardware per busy hour.

1,000,000 requests a month like these 2,400:
  all to the large model  5,312.50
  as routed                 625.00
  saved                   4,687.50
"""


def test_the_table_says_what_is_in_it_and_what_is_not() -> None:
    assert as_table(ACCOUNT, {"small": ASSUMED_MACHINE}) == TABLE


def test_a_model_that_is_named_is_named_in_the_table() -> None:
    table = as_table(replace(ACCOUNT, against="gpt-4o"), {})
    assert table.startswith("Spend since 2026-05-28T20:26:40Z, in dollars; saved against gpt-4o\n")
    assert "spent  all gpt-4o      saved" in table
    assert "\n  all to gpt-4o  5,312.50\n  as routed        625.00\n" in table


def test_a_margin_that_is_assumed_is_said_to_be() -> None:
    assert "(assumed: too few were counted)" in as_table(replace(ACCOUNT, margin=ASSUMED), {})


def test_an_empty_table_says_so() -> None:
    assert as_table(EMPTY, {}) == "No request was settled so far.\n"


def test_csv_keeps_every_digit_and_leaves_the_unknown_empty() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(ACCOUNT))))
    assert [row["spent"] for row in rows] == ["1.5", "0.000000000001", "", "1.500000000001"]
    assert [(row["deployment"], row["team"]) for row in rows] == [
        ("home", "red"),
        ("home", ""),
        ("", "a,b"),
        ("total", ""),
    ]
    assert rows[0]["prompt_tokens"] == "1000000"
    assert [row["saved_low"] for row in rows] == ["9.25", "0.499999999998", "", "9.749999999998"]
    assert [row["spent_high"] for row in rows] == ["3", "0.000000000002", "", "3.000000000002"]


def test_a_tag_is_no_formula_in_csv_and_an_amount_below_nothing_stays_a_number() -> None:
    line = replace(spend(("=1+1",), Decimal(3), Decimal(1)), saved=Decimal(-2))
    (row, _) = csv.DictReader(io.StringIO(as_csv(replace(ACCOUNT, by=("tag",), lines=(line,)))))
    assert (row["tag"], row["saved"]) == ("'=1+1", "-2")
    assert json.loads(as_json(replace(ACCOUNT, by=("tag",), lines=(line,)), {}))["lines"][0]["tag"] == "=1+1"


def test_csv_without_groups_is_one_row() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(EMPTY))))
    assert len(rows) == 1
    assert rows[0]["spent"] == "0"


def test_json_has_amounts_as_text_and_the_unknown_as_null() -> None:
    document = json.loads(as_json(ACCOUNT, {"small": ASSUMED_MACHINE}))
    assert document["from"] == "2026-05-28T20:26:40Z"
    assert document["to"] is None
    assert [line["spent"] for line in document["lines"]] == ["1.5", "0.000000000001", None]
    assert [line["team"] for line in document["lines"]] == ["red", None, "a,b"]
    assert document["total"]["saved"] == "11.249999999999"
    assert document["total"]["saved_between"] == ["9.749999999998", "11.249999999999"]
    assert document["lines"][2]["spent_between"] is None
    assert [line["held"] for line in document["lines"]] == ["0", "0", "0.25"]
    assert document["estimates"] == {"low": "1", "high": "2", "basis": 4321}
    assert document["projection"] == {
        "requests": 1_000_000,
        "basis": 2400,
        "as_routed": "625.0000000004",
        "all_large": "5312.5",
        "saved": "4687.4999999996",
    }
    assert document["assumed"] == {"small": {"watts": "60", "per_kwh": "0.3", "per_hour": "0.03"}}
