"""The books after a fault: a settled row for every answer that a client received, and budgets that agree with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from typing import Final, NamedTuple

from bench.faults.stage import BUDGETS, Stage
from bench.faults.stores import Postgres
from tests.harness.traffic import Answer
from tests.harness.wait import until

PATIENCE: Final = 45.0  # seconds; a ledger that was away is asked at least every 30
_ENDED: Final = ("ok", "hit")
_ROWS: Final = "SELECT request_id, key, outcome, cost, held FROM attempts"
_LIMB: Final = 1_000_000  # Redis holds dollars as millionths of one, and millionths of these
_Row = tuple[str, str, str, Decimal | None, Decimal | None]


class Books(NamedTuple):
    """Of the answers that came whole with status 200: `missing` have no row, `twice` several, `costless` no cost.

    `astray`: dollars by which what Redis counts of budgets differs from what the ledger says, all budgets together.
    """

    answers: int
    missing: int
    twice: int
    costless: int
    astray: Decimal

    @property
    def balanced(self) -> bool:
        return not (self.missing or self.twice or self.costless or self.astray)


def books(stage: Stage, answers: Iterable[Answer]) -> Books:
    """Once they are balanced, or will not be any more."""
    served = {answer.request_id for answer in answers if answer.status == 200 and answer.whole}
    found = Books(0, 0, 0, 0, Decimal(0))

    def look() -> bool:
        nonlocal found
        found = _compared(served, _rows(stage.postgres), _counted(stage))
        return found.balanced

    try:
        until("balanced books", look, PATIENCE)
    except AssertionError:
        return found
    return found


def _compared(served: set[str], rows: list[_Row], counted: dict[str, Decimal]) -> Books:
    own = [row for row in rows if row[0] in served]
    times = Counter(request_id for request_id, _, outcome, _, _ in own if outcome in _ENDED)
    spent = dict.fromkeys(BUDGETS, Decimal(0))
    for _, key, _, cost, held in rows:
        if key in spent:
            spent[key] += (held or Decimal(0)) if cost is None else cost
    return Books(
        answers=len(served),
        missing=len(served - times.keys()),
        twice=sum(count > 1 for count in times.values()),
        costless=sum(cost is None for _, _, _, cost, _ in own),
        astray=sum((abs(spent[key] - counted.get(key, Decimal(0))) for key in BUDGETS), Decimal(0)),
    )


def _rows(postgres: Postgres) -> list[_Row]:
    with closing(postgres.server.connect(postgres.name)) as connection:
        return [(row[0], row[1], row[2], row[3], row[4]) for row in connection.run(_ROWS) or ()]


def _counted(stage: Stage) -> dict[str, Decimal]:
    """Dollars spent, by key, as Redis has them this month."""
    counted: dict[str, Decimal] = {}
    with stage.redis.leader.client() as client:
        for key in BUDGETS:
            for name in client.scan_iter(f"tidegate:{{quota}}:slice:key:{key}:*"):
                high, low, *_ = (int(word) for word in client.hget(name, "total").split())
                counted[key] = counted.get(key, Decimal(0)) + Decimal(high * _LIMB + low).scaleb(-12)
    return counted
