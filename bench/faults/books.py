"""The books after a fault: one settled row for every answer that a client received, each with its cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import Final, NamedTuple

from bench.faults.stores import Postgres
from tests.harness.traffic import Answer
from tests.harness.wait import until

PATIENCE: Final = 45.0  # seconds; a ledger that was away is asked at least every 30
_ROWS: Final = "SELECT request_id, outcome, cost FROM attempts"


class Books(NamedTuple):
    """Of the answers that came whole with status 200: `missing` have no row, `twice` several, `costless` no cost."""

    answers: int
    missing: int
    twice: int
    costless: int

    @property
    def balanced(self) -> bool:
        return not (self.missing or self.twice or self.costless)


def books(postgres: Postgres, answers: Iterable[Answer]) -> Books:
    """Once they are balanced, or will not be any more."""
    served = {answer.request_id for answer in answers if answer.status == 200 and answer.whole}
    found = Books(0, 0, 0, 0)

    def look() -> bool:
        nonlocal found
        rows = [row for row in _rows(postgres) if row[0] in served]
        counts = Counter(request_id for request_id, outcome, _ in rows if outcome in ("ok", "hit"))
        costless = sum(cost is None for _, _, cost in rows)
        found = Books(len(served), len(served - counts.keys()), sum(count > 1 for count in counts.values()), costless)
        return found.balanced

    try:
        until("balanced books", look, PATIENCE)
    except AssertionError:
        return found
    return found


def _rows(postgres: Postgres) -> list[list[object]]:
    with closing(postgres.server.connect(postgres.name)) as connection:
        return list(connection.run(_ROWS) or ())
