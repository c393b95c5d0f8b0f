"""If these fail, an attempt is in the ledger with other values than it had, or with another's cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.record import Settlement, line_of, settlement_of
from gateway.accounting.row import COLUMNS, abandoned_row, rows_of, settled_row
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, changed, intent, intents, settlement, settlements

IDS = st.text("abc123", min_size=1)


@given(st.lists(settlements(intents(IDS)), max_size=6))
def test_many_settlements_are_read_as_each_would_be(records: list[Settlement]) -> None:
    lines = [line_of(record)[:-1] for record in records]
    assert rows_of(lines, "w") == [settled_row(settlement_of(line), "w") for line in lines]


GOOD = line_of(settlement("a1"))[:-1]


@pytest.mark.parametrize(
    "bad",
    [
        GOOD[:-1],
        GOOD[:40],
        GOOD + b"]",
        GOOD + b" " + GOOD,
        GOOD + b"," + GOOD,
        b"[[",
        changed(settlement(), "cost", "NaN"),
        changed(settlement(), "cost", "1000000000000"),
        changed(settlement(), "status", -1),
        line_of(settlement(intent(held=Decimal("-0.500000000000"))))[:-1],
        line_of(settlement(intent(held=Decimal("1000000000000"))))[:-1],
        line_of(settlement(intent(held=Decimal("NaN"))))[:-1],
        line_of(settlement(intent("a\0")))[:-1],
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_line_among_many_is_noticed(bad: bytes, place: int) -> None:
    """Then each is read by itself, and the good ones are kept."""
    lines = [line_of(settlement("a2"))[:-1], line_of(settlement("a3"))[:-1]]
    lines.insert(place, bad)
    assert rows_of(lines, "w") is None


def test_bad_lines_that_make_up_for_each_other_are_noticed() -> None:
    """As many settlements as lines, and yet one is lost: the first line takes the second in, the third holds two."""
    two, three = (line_of(settlement(name))[:-1] for name in ("a2", "a3"))
    assert rows_of([GOOD[:-1] + b",", two + b"]", three + b" " + three], "w") is None


def test_an_id_that_needs_escaping_can_be_read_alone_at_least() -> None:
    line = line_of(settlement(intent('a"1')))[:-1]
    assert settlement_of(line).attempt_id == 'a"1'
    assert rows_of([line], "w") is None


def test_what_it_was_for_and_what_was_held_stand_last_however_it_ended() -> None:
    begun = intent(
        "a1", masked={"EMAIL": 1}, more=True, role="shadow", tags=("a", 'b"'), held=Decimal("0.500000000000")
    )
    rows = rows_of([line_of(settlement(begun))[:-1]], "w")
    assert rows is not None
    for row in (*rows, settled_row(settlement(begun), "w"), abandoned_row(begun, NOON, "w")):
        named = dict(zip(COLUMNS, row, strict=True))
        assert (named["role"], named["worker"], named["tags"]) == ("shadow", "w", '["a","b\\""]')
        assert named["held"] == "0.500000000000"


def test_no_settlements_are_none() -> None:
    assert rows_of([], "w") == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.004750000000", "0.004750000000"),
        ("0E-12", "0.000000000000"),
        ("1E-12", "0.000000000001"),
        ("5.00000E-7", "0.000000500000"),
        ("9.99999999999E-1", "0.999999999999"),
        ("999999999999.999999999999", "999999999999.999999999999"),
        ("-0.000000000001", "-0.000000000001"),
        ("1E-20", "0.000000000000"),
        (None, None),
    ],
)
def test_an_amount_is_what_was_written_with_all_its_places(written: str | None, kept: str | None) -> None:
    line = changed(settlement(counterfactual=None), "cost", written)
    rows = rows_of([line], "w")
    assert rows is not None
    (row,) = rows
    assert dict(zip(COLUMNS, row, strict=True))["cost"] == kept
    assert settled_row(settlement_of(line), "w") == row


def test_what_was_held_is_kept_as_what_it_cost_is() -> None:
    lines = [line_of(settlement(intent(held=Decimal(held))))[:-1] for held in ("0.500000000000", "1E-12", "0E-12")]
    rows = rows_of(lines, "w")
    assert rows == [settled_row(settlement_of(line), "w") for line in lines]
    assert [row[COLUMNS.index("held")] for row in rows] == ["0.500000000000", "0.000000000001", "0.000000000000"]


@pytest.mark.parametrize(
    "written", ["0.5", "1", "0.0047500000001", "1E+3", "12.5E-7", 0.5, 1, " 1E-12", "1e-12", "1_0E-12"]
)
def test_an_amount_in_another_form_is_looked_at_by_itself(written: object) -> None:
    """A later version may write more places; it is rounded, and what is none is refused, by `settlement_of`."""
    for name in ("cost", "counterfactual"):
        assert rows_of([changed(settlement(), name, written)], "w") is None


def test_values_are_what_both_drivers_take() -> None:
    one = settlement(intent("a1", team=None), usage=Usage(100, 20, estimated=True))
    rows = rows_of([line_of(one)[:-1]], "w")
    assert rows is not None
    (row,) = rows
    named = dict(zip(COLUMNS, row, strict=True))
    assert (named["estimated"], named["streamed"], named["team"], named["findings"]) == (
        True,
        True,
        None,
        '{"EMAIL":2}',
    )
    assert row == settled_row(one, "w")


def test_what_nobody_knows_of_an_abandoned_attempt_is_null() -> None:
    named = dict(zip(COLUMNS, abandoned_row(intent("a1", findings={}), NOON + 5, "w"), strict=True))
    assert (named["attempt_id"], named["findings"], named["settled_at"]) == ("a1", "{}", NOON + 5)
    assert (named["outcome"], named["status"], named["cost"], named["prompt_tokens"]) == ("abandoned", 0, None, None)
    assert (named["held"], named["tags"], named["tier"]) == (None, "[]", None)
