"""The books after a soak: each answer has its row, none has two, and budgets agree with the ledger."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from bench.soak.questions import FRESH, SENSITIVE
from bench.soak.stage import BUDGETS, STRICT, Stage
from bench.soak.traffic import Result
from gateway.quota.amounts import dollars_of, joined
from gateway.quota.script import SETTLED_SECONDS
from gateway.quota.seeding import REFRESH_SECONDS
from tests.harness.ledger import Row, rows
from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

# Seconds until the last lines of the journals are in the ledger; and until it has the last word on what a worker held
# that was killed, and somebody has looked that up.
PATIENCE: Final = SETTLED_SECONDS + 2 * REFRESH_SECONDS + 20.0
_NOTHING: Final = Decimal(0)


class Books(NamedTuple):
    """`missing`: answers of which the ledger knows nothing, and errors of a model's server where no answer was shared.
    `twice`: requests that were answered several times over. `unlike`: requests whose row says another thing than their
    client saw. `examples`: a few of those that are missing or unlike. `open`: attempts without an end.

    `astray`: dollars by which Redis and the ledger differ, all budgets together; `over`: and that went beyond one that
    allows nothing beyond. `calls`: what models' servers were asked, less what is booked as a call.
    """

    rows: int
    missing: int
    twice: int
    unlike: int
    open: int
    astray: Decimal
    over: Decimal
    calls: int
    examples: tuple[Result, ...] = ()

    @property
    def balanced(self) -> bool:
        return not any(self[1:7]) and self.calls <= 0


def books(stage: Stage, results: Sequence[Result], calls: int) -> Books:
    """Once they are balanced, or will not be any more."""
    found = _compared(stage, results, calls)

    def look() -> bool:
        nonlocal found
        found = _compared(stage, results, calls)
        return found.balanced

    with contextlib.suppress(AssertionError):
        until("balanced books", look, PATIENCE)
    return found


def _compared(stage: Stage, results: Sequence[Result], calls: int) -> Books:
    attempts = rows(stage.gateway)
    by_request: dict[str, list[Row]] = defaultdict(list)
    for row in attempts:
        by_request[row["request_id"]].append(row)
    booked = [one for one in results if one.request_id and (one.status == 200 or _asked_alone(one))]
    spent, in_redis = _spent(attempts), counted(stage.redis)
    asked = sum(row["outcome"] != "hit" for row in attempts)
    missing = [one for one in booked if one.request_id not in by_request]
    unlike = [one for one in booked if not _agrees(one, by_request.get(one.request_id, ()))]
    return Books(
        rows=len(attempts),
        missing=len(missing),
        twice=sum(_ends(own)["ok"] + _ends(own)["hit"] > 1 for own in by_request.values()),
        unlike=len(unlike),
        open=_open(stage),
        astray=sum((abs(spent[key] - in_redis.get(key, _NOTHING)) for key in BUDGETS), _NOTHING),
        over=max(_NOTHING, spent[STRICT] - Decimal(BUDGETS[STRICT])),
        calls=calls - asked,
        examples=tuple((missing + unlike)[:10]),
    )


def _asked_alone(result: Result) -> bool:
    """A model's server failed it, and nobody asked the same at the same time: it shared nobody's fate."""
    return result.status in (502, 504) and result.kind in (FRESH, SENSITIVE)


def _ends(own: Sequence[Row]) -> Counter[str]:
    return Counter(row["outcome"] for row in own)


def _agrees(result: Result, own: Sequence[Row]) -> bool:
    """Whether the rows of a request say what its client saw. Of who left nothing is known but what was read."""
    ends = _ends(own)
    if result.left:
        return True
    if result.hit:
        return ends["hit"] == 1 and not ends["ok"]
    return ends["ok"] == result.whole and not ends["hit"]


def _spent(attempts: Sequence[Row]) -> Mapping[str, Decimal]:
    """Dollars, by key: what it cost, or, where nobody knows that, what was held for it."""
    spent = dict.fromkeys(BUDGETS, _NOTHING)
    for row in attempts:
        if row["key"] in spent:
            amount = row["held"] if row["cost"] is None else row["cost"]
            spent[row["key"]] += Decimal(amount or 0)
    return spent


def counted(redis: ValkeyServer) -> Mapping[str, Decimal]:
    """Dollars, by key, as Redis has them this month. What is still held at rest a worker held that was killed: a budget
    counts it, and so does the ledger, where the row says `abandoned`."""
    found: dict[str, Decimal] = {}
    with redis.client() as client:
        for key in BUDGETS:
            for name in client.scan_iter(f"tidegate:{{quota}}:slice:key:{key}:*"):
                spent, spent_low, held, held_low = (int(word) for word in client.hget(name, "total").split())
                quanta = joined(spent, spent_low) + joined(held, held_low)
                found[key] = found.get(key, _NOTHING) + dollars_of(quanta)
    return found


def _open(stage: Stage) -> int:
    address = f"file:{stage.gateway.ledger}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM attempts_under_way").fetchone()
    return int(count)
