"""A line that comes back changed is money that changed; a line that cannot be held must not stop the ones behind it."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.record import (
    Intent,
    Settlement,
    UnreadableLine,
    intent_of,
    intents_of,
    line_of,
    lines_of,
    record_of,
    settlement_of,
    write_record,
)
from tests.gateway.accounting.samples import changed, intent, intents, settlement, settlements

IDS = st.text("abc123", min_size=1)


@given(intents(IDS) | settlements(intents(IDS)))
def test_a_record_comes_back_as_it_was(record: Intent | Settlement) -> None:
    line = line_of(record)
    assert record_of(line) == record
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@given(st.lists(intents(IDS) | settlements(intents(IDS)), max_size=4))
def test_a_buffer_holds_one_record_at_a_time(records: list[Intent | Settlement]) -> None:
    buffer = bytearray(b"what was there before")
    for record in records:
        write_record(record, buffer)
        assert buffer + b"\n" == line_of(record)
        assert b"\t" not in buffer  # which ends the record where its place in a chain follows


def test_money_is_written_as_text_and_read_as_it_was() -> None:
    line = line_of(settlement(cost=Decimal("1E-12")))
    assert b'"1E-12"' in line
    found = settlement_of(line)
    assert found.cost == Decimal("0.000000000001")


def test_a_line_is_arrays_whatever_wrote_it() -> None:
    """A gateway that is compiled and one that is not read each other's journals."""
    line = orjson.loads(line_of(settlement()))
    at = {name: place for place, name in enumerate(Settlement.__struct_fields__)}
    assert isinstance(line[at["intent"]], list)
    assert isinstance(line[at["usage"]], list)


def test_unknown_is_null_and_nothing_is_nothing() -> None:
    unknown, nothing = (settlement_of(line_of(settlement(cost=cost))) for cost in (None, Decimal(0)))
    assert unknown.cost is None
    assert nothing.cost == 0
    assert nothing.cost is not None


def test_a_line_of_a_later_version_is_read_for_what_is_known() -> None:
    assert record_of(orjson.dumps([*orjson.loads(line_of(intent())), "green"])) == intent()
    assert record_of(orjson.dumps([*orjson.loads(line_of(settlement())), "green"])) == settlement()


def test_a_line_of_an_earlier_version_has_what_was_said_by_then() -> None:
    """It had counted everything, and masked nothing."""
    fields = orjson.loads(
        line_of(intent(masked={"EMAIL": 1}, more=True, role="judge", tags=("batch",), held=Decimal(1)))
    )
    found = record_of(orjson.dumps(fields[: Intent.__struct_fields__.index("masked")]))
    assert found == intent()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("intent", None),
        ("intent", ["a1"]),
        ("at", "now"),
        ("at", True),
        ("outcome", "fine"),
        ("status", -1),
        ("status", 2**31),
        ("usage", 5),
        ("usage", [1]),
        ("usage", [1, -1]),
        ("usage", [1, 2, 0, 0, False, 0, 0, 0, 0, 0, 0, 0, "a\0"]),
        ("cost", "NaN"),
        ("cost", "sNaN"),
        ("cost", "Infinity"),
        ("cost", "much"),
        ("cost", "1000000000000"),
        ("counterfactual", "-1E+999999"),
        ("cache", None),
        ("streamed", 1),
    ],
)
def test_what_the_ledger_could_not_hold_is_no_settlement(name: str, value: object) -> None:
    with pytest.raises(UnreadableLine):
        settlement_of(changed(settlement(), name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempt_id", ""),
        ("attempt_id", None),
        ("attempt_id", "a\0"),
        ("findings", []),
        ("findings", {"EMAIL": "2"}),
        ("findings", {"E\0": 2}),
        ("team", 5),
        ("team", "\0"),
        ("route", "\0"),
        ("difficulty", True),
        ("role", "guest"),
        ("tags", "batch"),
        ("tags", ["a\0"]),
        ("held", "NaN"),
        ("held", "sNaN"),
        ("held", "Infinity"),
        ("held", "-0.1"),
        ("held", "1000000000000"),
    ],
)
def test_what_the_ledger_could_not_hold_is_no_intent(name: str, value: object) -> None:
    line = changed(intent(), name, value)
    with pytest.raises(UnreadableLine):
        intent_of(line)
    with pytest.raises(UnreadableLine):
        settlement_of(changed(settlement(), "intent", orjson.loads(line)))


def test_text_that_looks_like_a_nul_is_none() -> None:
    record = intent(route="\\u0000")
    assert record_of(line_of(record)) == record


@pytest.mark.parametrize("line", [b"[" * 100_000, b"[[" * 100_000, line_of(intent())[:-2] + b"," + b"[" * 100_000])
def test_deep_garbage_is_unreadable(line: bytes) -> None:
    with pytest.raises(UnreadableLine):
        record_of(line)


@given(st.binary(max_size=60))
def test_garbage_is_unreadable(line: bytes) -> None:
    with pytest.raises(UnreadableLine):
        record_of(line)


@given(intents(IDS) | settlements(intents(IDS)), st.data())
def test_the_start_of_a_line_is_unreadable(record: Intent | Settlement, data: st.DataObject) -> None:
    line = line_of(record)
    with pytest.raises(UnreadableLine):
        record_of(line[: data.draw(st.integers(0, len(line) - 2))])


# --- many at once


@given(st.lists(intents(IDS), max_size=6))
def test_many_intents_are_read_as_each_would_be(records: list[Intent]) -> None:
    lines = [line_of(record)[:-1] for record in records]
    assert intents_of(lines) == [intent_of(line) for line in lines]
    assert [line.encode() for line in lines_of(records)] == lines


GOOD = line_of(intent("a1"))[:-1]


@pytest.mark.parametrize(
    "bad",
    [
        GOOD[:-1],
        GOOD + b"]",
        GOOD + b" " + GOOD,
        b"",
        b"[",
        changed(intent(), "prompt_estimate", -1),
        changed(intent(), "held", "NaN"),
        changed(intent(), "held", "-0.1"),
        changed(intent(), "held", "1000000000000"),
        line_of(intent("a\0"))[:-1],
        line_of(intent(key="a\0"))[:-1],
        line_of(intent('a"1'))[:-1],
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_intent_among_many_that_has_to_be_read_alone_is_noticed(bad: bytes, place: int) -> None:
    lines = [line_of(intent("a2"))[:-1], line_of(intent("a3"))[:-1]]
    lines.insert(place, bad)
    assert intents_of(lines) is None


def test_intents_that_make_up_for_each_other_are_noticed() -> None:
    two, three = (line_of(intent(name))[:-1] for name in ("a2", "a3"))
    assert intents_of([GOOD[:-1] + b",", two + b"]", three + b" " + three]) is None
