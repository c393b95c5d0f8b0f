"""One row per attempt, the same whatever came twice, late or the wrong way round. Run against each database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from gateway.accounting.ledger import Ledger, Position
from gateway.accounting.record import Intent, Settlement
from gateway.accounting.tables import ATTEMPTS, UNDER_WAY
from gateway.accounting.usage import Usage
from tests.gateway.accounting.samples import NOON, apply, intent, intents, settlement, settlements


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.reading() as connection:
        found = connection.execute(select(ATTEMPTS).order_by(ATTEMPTS.c.attempt_id))
        return [dict(row._mapping) for row in found]


def under_way(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return list(connection.execute(select(UNDER_WAY.c.attempt_id).order_by(UNDER_WAY.c.attempt_id)).scalars())


def test_a_whole_attempt_is_one_row(ledger: Ledger) -> None:
    begun = intent(tags=("batch", "eval"), held=Decimal("0.5"))
    usage = Usage(100, 20, cached_tokens=10, searches=2, tier="flex")
    apply(ledger, [begun, settlement(begun, usage=usage)], worker="w1")
    (row,) = rows(ledger)
    assert row == {
        "attempt_id": "a1",
        "request_id": "r1",
        "at": NOON,
        "key": "dev",
        "team": "red",
        "route": "auto",
        "deployment": "large",
        "zone": "cloud",
        "model": "gpt-4o",
        "clearance": "any",
        "reason": "difficult",
        "difficulty": 0.75,
        "findings": {"EMAIL": 2},
        "prompt_estimate": 120,
        "outcome": "ok",
        "settled_at": NOON + 2,
        "status": 200,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "cached_tokens": 10,
        "reasoning_tokens": 0,
        "written_tokens": 0,
        "audio_prompt_tokens": 0,
        "audio_completion_tokens": 0,
        "estimated": False,
        "cost": Decimal("0.000425"),
        "counterfactual": Decimal("0.000425"),
        "latency": 1.5,
        "first_token": 0.25,
        "cache": "miss",
        "streamed": True,
        "role": "answer",
        "worker": "w1",
        "tags": ["batch", "eval"],
        "held": Decimal("0.5"),
        "image_prompt_tokens": 0,
        "image_completion_tokens": 0,
        "written_hour_tokens": 0,
        "searches": 2,
        "tier": "flex",
    }


def test_a_call_under_way_has_no_row_until_it_ends(ledger: Ledger) -> None:
    apply(ledger, [intent()], worker="w0")
    assert (rows(ledger), under_way(ledger)) == ([], ["a1"])
    apply(ledger, [settlement()], worker="w0")
    assert ([row["outcome"] for row in rows(ledger)], under_way(ledger)) == (["ok"], [])


def test_an_unknown_cost_is_null_and_nothing_is_zero(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1", cost=None, usage=None), settlement("a2", cost=Decimal(0))])
    unknown, nothing = rows(ledger)
    assert unknown["cost"] is None
    assert unknown["prompt_tokens"] is None
    assert nothing["cost"] == 0
    assert nothing["cost"] is not None


def test_a_settlement_may_come_first(ledger: Ledger) -> None:
    apply(ledger, [settlement()])
    apply(ledger, [intent()], worker="w0")
    assert under_way(ledger) == []
    late = rows(ledger)
    apply(ledger, [intent(), settlement()], worker="w0")
    assert rows(ledger) == late
    assert late[0]["outcome"] == "ok"
    assert late[0]["route"] == "auto"


def test_a_settlement_never_gives_way_to_abandoned(ledger: Ledger) -> None:
    apply(ledger, [intent(), settlement()])
    apply(ledger, [settlement(at=NOON + 100, outcome="abandoned", cost=None)])
    assert rows(ledger)[0]["outcome"] == "ok"


def test_a_later_settlement_takes_the_place_of_abandoned(ledger: Ledger) -> None:
    apply(ledger, [settlement(at=NOON + 100, outcome="abandoned", cost=None, usage=None)])
    apply(ledger, [settlement()])
    assert rows(ledger)[0]["cost"] == Decimal("0.000425")
    assert rows(ledger)[0]["settled_at"] == NOON + 2


def test_the_dead_are_buried_and_nobody_else(ledger: Ledger) -> None:
    apply(ledger, [intent("a1"), intent("a2"), settlement("a2")], worker="dead", position=Position("f", 10))
    apply(ledger, [intent("a3")], worker="alive", position=Position("g", 20))
    assert ledger.bury("dead", NOON + 50, ["f"]) == 1
    assert ledger.bury("dead", NOON + 60, ["f"]) == 0
    assert [(row["outcome"], row["settled_at"], row["cost"], row["key"]) for row in rows(ledger)] == [
        ("abandoned", NOON + 50, None, "dev"),
        ("ok", NOON + 2, Decimal("0.000425"), "dev"),
    ]
    assert under_way(ledger) == ["a3"]
    assert ledger.positions() == {"g": 20}


def test_what_was_lost_with_its_machine_is_abandoned_in_the_end(ledger: Ledger) -> None:
    apply(ledger, [intent("a1", at=NOON), intent("a2", at=NOON + 10)], worker="gone")
    assert ledger.abandon_before(NOON + 5, NOON + 100) == 1
    assert [(row["attempt_id"], row["outcome"]) for row in rows(ledger)] == [("a1", "abandoned")]
    assert under_way(ledger) == ["a2"]


def test_positions_move_with_the_rows(ledger: Ledger) -> None:
    assert ledger.positions() == {}
    apply(ledger, [intent()], worker="w0", position=Position("f", 5))
    apply(ledger, [], worker="w0", position=Position("f", 9))
    assert ledger.positions() == {"f": 9}
    ledger.forget(["f"])
    assert ledger.positions() == {}


def test_opening_again_keeps_what_is_there(ledger: Ledger, url: str) -> None:
    apply(ledger, [intent(), settlement()], worker="w0")
    again = Ledger.open(url)
    assert rows(again) == rows(ledger)
    again.close()


def test_of_two_settlements_the_later_one_stands_whole(ledger: Ledger) -> None:
    apply(ledger, [settlement(intent("a1", route="old"), at=NOON)])
    apply(ledger, [settlement(intent("a1", route="new"), at=NOON + 1)])
    apply(ledger, [settlement(intent("a1", route="older"), at=NOON - 1)])
    assert [row["route"] for row in rows(ledger)] == ["new"]


def test_a_large_batch_goes_in_whole(ledger: Ledger) -> None:
    records: list[Intent | Settlement] = []
    for number in range(3000):
        records += [intent(f"a{number}"), settlement(f"a{number}", usage=Usage(number + 1, 1))]
    apply(ledger, records, worker="w0")
    assert len(rows(ledger)) == 3000
    assert sum(row["prompt_tokens"] for row in rows(ledger)) == 3000 * 3001 // 2


IDS = st.sampled_from(["a1", "a2", "a3"])


def one_of_each(records: Sequence[Intent | Settlement]) -> list[Intent | Settlement]:
    """A worker writes one intent and one settlement for an attempt."""
    return list({(type(record), record.attempt_id): record for record in records}.values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(intents(IDS) | settlements(intents(IDS)), max_size=8).map(one_of_each), st.data())
def test_order_and_repetition_change_nothing(
    ledger: Ledger, records: list[Intent | Settlement], data: st.DataObject
) -> None:
    def applied(batches: list[list[Intent | Settlement]]) -> tuple[list[dict[str, Any]], list[str]]:
        with ledger._database.writing() as connection:
            connection.execute(delete(ATTEMPTS))
            connection.execute(delete(UNDER_WAY))
        for batch in batches:
            apply(ledger, batch, worker="w0")
        return rows(ledger), under_way(ledger)

    shuffled = data.draw(st.permutations(records + records[: data.draw(st.integers(0, len(records)))]))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert applied([shuffled[:cut], shuffled[cut:]]) == applied([records])
