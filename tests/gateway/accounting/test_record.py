"""A line that comes back changed is money that changed; a line that cannot be held must not stop the ones behind it."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.record import Intent, Settlement, UnreadableLine, line_of, record_of
from tests.gateway.accounting.samples import intent, intents, settlement, settlements

IDS = st.text("abc123", min_size=1)


@given(intents(IDS) | settlements(IDS))
def test_a_record_comes_back_as_it_was(record: Intent | Settlement) -> None:
    line = line_of(record)
    assert record_of(line) == record
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_money_is_written_as_text() -> None:
    assert b'"cost":"0.000000000001"' in line_of(settlement(cost=Decimal("1E-12")))


def test_unknown_is_null_and_nothing_is_nothing() -> None:
    unknown, nothing = (record_of(line_of(settlement(cost=cost))) for cost in (None, Decimal(0)))
    assert isinstance(unknown, Settlement)
    assert isinstance(nothing, Settlement)
    assert unknown.cost is None
    assert nothing.cost == 0
    assert nothing.cost is not None


def test_a_line_of_a_later_version_is_read_for_what_is_known() -> None:
    kind, body = orjson.loads(line_of(intent()))
    assert record_of(orjson.dumps([kind, {**body, "colour": "green"}])) == intent()


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt_id": ""},
        {"attempt_id": None},
        {"attempt_id": "a\0"},
        {"at": "now"},
        {"at": True},
        {"outcome": "fine"},
        {"status": -1},
        {"status": 2**31},
        {"usage": 5},
        {"usage": {"prompt_tokens": 1}},
        {"cost": 0.1},
        {"cost": "NaN"},
        {"cost": "much"},
        {"cost": "1000000000000"},
        {"cache": None},
        {"streamed": 1},
    ],
)
def test_what_the_ledger_could_not_hold_is_no_settlement(changes: dict[str, object]) -> None:
    kind, body = orjson.loads(line_of(settlement()))
    with pytest.raises(UnreadableLine):
        record_of(orjson.dumps([kind, {**body, **changes}]))


@pytest.mark.parametrize("changes", [{"findings": []}, {"findings": {"EMAIL": "2"}}, {"team": 5}, {"route": "\0"}])
def test_what_the_ledger_could_not_hold_is_no_intent(changes: dict[str, object]) -> None:
    kind, body = orjson.loads(line_of(intent()))
    with pytest.raises(UnreadableLine):
        record_of(orjson.dumps([kind, {**body, **changes}]))


@given(st.binary(max_size=60))
def test_garbage_is_unreadable(line: bytes) -> None:
    with pytest.raises(UnreadableLine):
        record_of(line)


@given(intents(IDS) | settlements(IDS), st.data())
def test_the_start_of_a_line_is_unreadable(record: Intent | Settlement, data: st.DataObject) -> None:
    line = line_of(record)
    with pytest.raises(UnreadableLine):
        record_of(line[: data.draw(st.integers(0, len(line) - 2))])
