"""Margin: how far estimated tokens may be from the true number, as a factor, so that sums of them get an interval.

Measured in the ledger itself: every attempt whose tokens the upstream counted also has the estimate that was made of
its prompt. Between the two factors lie 95 % of what was estimated. All estimates are taken to err the same way at once,
which is the widest an interval can be: a language that needs more tokens a character does so in every request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Select, select

from gateway.accounting.money import EXACT, exact
from gateway.accounting.tables import ATTEMPTS

NEWEST: Final = 20_000  # attempts that are looked at
FEWEST: Final = 100  # with fewer, `ASSUMED` holds
_TAIL: Final = 0.025  # of the tokens, on either side

_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Margin:
    """The true number of tokens is between `low` and `high` times the estimate. `basis`: attempts that this was
    measured on; 0: assumed."""

    low: Decimal
    high: Decimal
    basis: int

    def between(self, amount: Decimal, doubtful: Decimal) -> tuple[Decimal, Decimal]:
        """What `amount` may truly be, where `doubtful` of it rests on estimated tokens. Dollars; the lower first."""
        ends = [
            EXACT.add(amount, EXACT.multiply(doubtful, EXACT.subtract(factor, 1))) for factor in (self.low, self.high)
        ]
        return exact(min(ends)), exact(max(ends))


ASSUMED: Final = Margin(Decimal("0.5"), Decimal(4), 0)
"""A token is one character (Chinese, Japanese) to eight (plain English, long words); the estimate says four."""


def margin_of(connection: Connection, until: float | None) -> Margin:
    """From the newest attempts settled before `until`, in seconds since the epoch; None: from the newest there are."""
    return measured((row.prompt_estimate, row.prompt_tokens) for row in connection.execute(_counted(until)))


def measured(pairs: Iterable[tuple[int, int]]) -> Margin:
    """Of pairs of estimated and counted tokens, each with the weight of what was estimated."""
    ratios = sorted((counted / estimated, estimated) for estimated, counted in pairs if estimated > 0 and counted > 0)
    if len(ratios) < FEWEST:
        return ASSUMED
    total = sum(weight for _, weight in ratios)
    low, high, seen = None, ratios[-1][0], 0
    for ratio, weight in ratios:
        seen += weight
        if low is None and seen > _TAIL * total:
            low = ratio
        if seen >= (1 - _TAIL) * total:
            high = ratio
            break
    return Margin(_rounded(low or high), _rounded(high), len(ratios))


def _counted(until: float | None) -> Select[tuple[int, int]]:
    columns = ATTEMPTS.c
    query = select(columns.prompt_estimate, columns.prompt_tokens).where(
        columns.role != "judge",  # whose prompt is another than the one that was estimated
        columns.outcome == "ok",
        columns.estimated.is_(False),
        columns.prompt_estimate > 0,
        columns.prompt_tokens > 0,
    )
    if until is not None:
        query = query.where(columns.settled_at < until)
    return query.order_by(columns.settled_at.desc()).limit(NEWEST)


def _rounded(ratio: float) -> Decimal:
    return Decimal(ratio).quantize(_PLACES, context=EXACT)
