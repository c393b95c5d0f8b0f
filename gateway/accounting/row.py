"""Row: an attempt that has ended, as the values of a row of `attempts`, in the order of `COLUMNS`.

Plain tuples: thousands of them go into one prepared statement. Money and findings are text, as SQLite keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder, encode
from msgspec.structs import astuple

from gateway.accounting.money import EXACT, QUANTUM
from gateway.accounting.record import CacheUse, Intent, Outcome, Settlement, first_texts, holds_nul
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Count, Usage

Value = str | int | float | None
Row = tuple[Value, ...]

COLUMNS: Final = tuple(str(column.name) for column in ATTEMPTS.columns)
ATTEMPT_ID: Final = COLUMNS.index("attempt_id")
AT: Final = COLUMNS.index("at")
SETTLED_AT: Final = COLUMNS.index("settled_at")
OUTCOME: Final = COLUMNS.index("outcome")

_FINDINGS: Final = COLUMNS.index("findings")  # what an intent holds after them is for the audit, but for its role
_ROLE: Final = Intent.__struct_fields__.index("role")
_NO_FINDINGS: Final = "{}"
_NO_USAGE: Final[Row] = (None,) * 8
_NOT_KNOWN: Final[Row] = (None,) * 6

# As money is written down in whole quanta; what is less than a millionth has an exponent.
_AMOUNTS: Final = re.compile(r"(?:(?:-?[0-9]{1,12}\.[0-9]{12}|-?[0-9](?:\.[0-9]{1,11})?E-[0-9]{1,2})\n)*")
_NOTHING: Final = "0E-12"
_FREE: Final = "0.000000000000"


class _Written(Struct, frozen=True, array_like=True, gc=False):
    """A `Settlement` whose amounts are left as they are written down."""

    intent: Intent
    at: float
    outcome: Outcome
    status: Count
    usage: Usage | None
    cost: str | None
    counterfactual: str | None
    latency: float
    first_token: float | None
    cache: CacheUse
    streamed: bool


_WRITTEN: Final = Decoder(_Written)


def rows_of(lines: Sequence[bytes]) -> list[Row] | None:
    """Of many settlements' lines in one go, in their order. None if any may be none: then each has to be looked at."""
    text = b"\n".join(lines)
    if holds_nul(text):
        return None
    try:
        written = _WRITTEN.decode_lines(text)
    except (ValueError, RecursionError):
        return None
    costs = _amounts([one.cost for one in written])
    counterfactuals = _amounts([one.counterfactual for one in written])
    if costs is None or counterfactuals is None:
        return None
    if [one.intent.attempt_id.encode() for one in written] != first_texts(lines):
        return None
    return _rows(written, costs, counterfactuals)


def settled_row(settlement: Settlement) -> Row:
    """Amounts are rounded to whole quanta and have all their places."""
    return _rows([settlement], [_money(settlement.cost)], [_money(settlement.counterfactual)])[0]


def abandoned_row(intent: Intent, at: float) -> Row:
    """Nobody is left who could say how it ended, nor what it cost."""
    values = astuple(intent)
    return (
        *(*values[:_FINDINGS], _findings(values[_FINDINGS]), at, "abandoned", 0, *_NO_USAGE),
        *(*_NOT_KNOWN, values[_ROLE]),
    )


def _rows(
    settlements: Sequence[Settlement | _Written], costs: Sequence[str | None], counterfactuals: Sequence[str | None]
) -> list[Row]:
    rows: list[Row] = []
    for settlement, cost, counterfactual in zip(map(astuple, settlements), costs, counterfactuals, strict=True):
        intent, at, outcome, status, usage, _, _, latency, first_token, cache, streamed = settlement
        values = astuple(intent)
        rows.append(
            (
                *(*values[:_FINDINGS], _findings(values[_FINDINGS]), at, outcome, status),
                *(_NO_USAGE if usage is None else astuple(usage)),
                # SQLite's driver takes as long for True as for three numbers: it looks for an adapter.
                *(cost, counterfactual, latency, first_token, cache, 1 if streamed else 0, values[_ROLE]),
            )
        )
    return rows


def _findings(counts: dict[str, int]) -> str:
    return encode(counts).decode() if counts else _NO_FINDINGS


def _amounts(texts: list[str | None]) -> list[str | None] | None:
    """With all their places; None if any is written in another way than the gateway does."""
    together = "\n".join([*(text for text in texts if text is not None), ""])
    if not _AMOUNTS.fullmatch(together):
        return None
    return texts if "E" not in together else [_plain(text) for text in texts]


def _plain(text: str | None) -> str | None:
    if text is None or "E" not in text:
        return text
    return _FREE if text == _NOTHING else _money(Decimal(text))


def _money(amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    # What the gateway wrote down is in whole quanta already.
    return format(amount if amount.same_quantum(QUANTUM) else EXACT.quantize(amount, QUANTUM), "f")
