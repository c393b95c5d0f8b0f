"""Records as a worker writes them, one the default and the rest by exception; and strategies that make many."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import orjson
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.accounting.ledger import Ledger
from gateway.accounting.record import CACHE_USES, OUTCOMES, ROLES, Intent, Settlement, line_of
from gateway.accounting.row import settled_row
from gateway.accounting.usage import Usage

NOON: Final = 1_780_000_000.0  # seconds since the epoch


def intent(attempt_id: str = "a1", **changes: Any) -> Intent:
    return replace(
        Intent(
            attempt_id=attempt_id,
            request_id=attempt_id.replace("a", "r"),
            at=NOON,
            key="dev",
            team="red",
            route="auto",
            deployment="large",
            zone="cloud",
            model="gpt-4o",
            clearance="any",
            reason="difficult",
            difficulty=0.75,
            prompt_estimate=120,
            findings={"EMAIL": 2},
        ),
        **changes,
    )


def settlement(attempt: str | Intent = "a1", **changes: Any) -> Settlement:
    """Of that attempt; given by its id, of one that began with `intent(attempt)`."""
    return replace(
        Settlement(
            intent=intent(attempt) if isinstance(attempt, str) else attempt,
            at=NOON + 2,
            outcome="ok",
            status=200,
            usage=Usage(100, 20, cached_tokens=10),
            cost=Decimal("0.000425000000"),
            counterfactual=Decimal("0.000425000000"),
            latency=1.5,
            first_token=0.25,
            cache="miss",
            streamed=True,
        ),
        **changes,
    )


def changed(record: Intent | Settlement, name: str, value: object) -> bytes:
    """The line of a record with something else in the place of one field."""
    fields = orjson.loads(line_of(record))
    fields[record.__struct_fields__.index(name)] = value
    return orjson.dumps(fields)


def apply(ledger: Ledger, records: Iterable[Intent | Settlement], *, worker: str = "", **more: Any) -> None:
    """As the drain has them when it has read their lines."""
    records = list(records)
    rows = [settled_row(record, worker) for record in records if isinstance(record, Settlement)]
    ledger.apply(rows, [record for record in records if isinstance(record, Intent)], worker=worker, **more)


WORDS: Final = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
COUNTS: Final = st.integers(0, 2**31 - 1)
SECONDS: Final = st.floats(0, 1e10)
MONEY: Final = st.none() | st.decimals(min_value=0, max_value=10**9, places=12)
USAGES: Final = st.builds(Usage, *(COUNTS,) * 4, st.booleans(), *(COUNTS,) * 7, WORDS)


def intents(attempt_ids: st.SearchStrategy[str]) -> st.SearchStrategy[Intent]:
    return st.builds(
        Intent,
        attempt_ids,
        WORDS,
        SECONDS,
        WORDS,
        st.none() | WORDS,
        *(WORDS,) * 6,
        st.none() | st.floats(0, 1),
        COUNTS,
        st.dictionaries(WORDS, COUNTS, max_size=2),
        role=st.sampled_from(ROLES),
        tags=st.lists(WORDS, max_size=2).map(tuple),
        held=MONEY,
    )


def settlements(began: st.SearchStrategy[Intent]) -> st.SearchStrategy[Settlement]:
    return st.builds(
        Settlement,
        began,
        SECONDS,
        st.sampled_from(OUTCOMES),
        st.integers(0, 599),
        st.none() | USAGES,
        MONEY,
        MONEY,
        SECONDS,
        st.none() | SECONDS,
        st.sampled_from(CACHE_USES),
        st.booleans(),
    )
