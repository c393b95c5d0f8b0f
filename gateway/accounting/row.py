"""Row: an attempt that has ended, as the values of a row of `attempts`, in the order of `COLUMNS`.

Plain tuples: thousands of them go into one prepared statement. Money and findings are text, as SQLite keeps them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.json import encode
from msgspec.structs import astuple

from gateway.accounting.money import EXACT, QUANTUM
from gateway.accounting.record import Intent, Settlement
from gateway.accounting.tables import ATTEMPTS

Value = str | int | float | None
Row = tuple[Value, ...]

COLUMNS: Final = tuple(str(column.name) for column in ATTEMPTS.columns)

_FINDINGS: Final = COLUMNS.index("findings")  # what an intent holds after them is for the audit
_NO_FINDINGS: Final[Row] = ("{}",)
_NO_USAGE: Final[Row] = (None,) * 8
_NOT_KNOWN: Final[Row] = (None,) * 6


def settled_row(settlement: Settlement) -> Row:
    """Amounts are rounded to whole quanta and have all their places."""
    intent, at, outcome, status, usage, cost, counterfactual, latency, first_token, cache, streamed = astuple(
        settlement
    )
    spent = _money(cost)
    instead = spent if counterfactual == cost else _money(counterfactual)
    return (
        _of_intent(intent)
        + (at, outcome, status)
        + (_NO_USAGE if usage is None else astuple(usage))
        + (spent, instead, latency, first_token, cache, streamed)
    )


def abandoned_row(intent: Intent, at: float) -> Row:
    """Nobody is left who could say how it ended, nor what it cost."""
    return (*_of_intent(intent), at, "abandoned", 0, *_NO_USAGE, *_NOT_KNOWN)


def _of_intent(intent: Intent) -> Row:
    values = astuple(intent)
    findings = values[_FINDINGS]
    return values[:_FINDINGS] + ((encode(findings).decode(),) if findings else _NO_FINDINGS)


def _money(amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    # What the gateway wrote down is in whole quanta already.
    return format(amount if amount.same_quantum(QUANTUM) else EXACT.quantize(amount, QUANTUM), "f")
