"""Row: an attempt that has ended, as the values of a row of `attempts`, in the order of `COLUMNS`.

Plain tuples: thousands of them go into one prepared statement. Money, findings and tags are text, as SQLite keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.json import Decoder, encode
from msgspec.structs import astuple

from gateway.accounting.money import EXACT, QUANTUM
from gateway.accounting.record import CacheUse, Intent, Outcome, Role, Settlement, first_texts, holds_nul
from gateway.accounting.tables import ATTEMPTS
from gateway.accounting.usage import Count, Usage

Value = str | int | float | None
Row = tuple[Value, ...]

COLUMNS: Final = tuple(str(column.name) for column in ATTEMPTS.columns)
ATTEMPT_ID: Final = COLUMNS.index("attempt_id")
AT: Final = COLUMNS.index("at")
SETTLED_AT: Final = COLUMNS.index("settled_at")
OUTCOME: Final = COLUMNS.index("outcome")

_FINDINGS: Final = COLUMNS.index("findings")  # what an intent holds after them is for the audit, but for what is last
_ROLE: Final = Intent.__struct_fields__.index("role")
_TAGS: Final = Intent.__struct_fields__.index("tags")
_NO_FINDINGS: Final = "{}"
_NO_TAGS: Final = "[]"
_LATER: Final = Usage.__struct_fields__.index("image_prompt_tokens")  # this and what follows came later
_NO_USAGE: Final[Row] = (None,) * len(Usage.__struct_fields__)
_NOT_KNOWN: Final[Row] = (None,) * 6

# As money is written down in whole quanta; what is less than a millionth has an exponent.
_AMOUNTS: Final = re.compile(r"(?:(?:-?[0-9]{1,12}\.[0-9]{12}|-?[0-9](?:\.[0-9]{1,11})?E-[0-9]{1,2})\n)*")
_NOTHING: Final = "0E-12"
_FREE: Final = "0.000000000000"


class _WrittenIntent(Struct, frozen=True, array_like=True, gc=False):
    """An `Intent` whose amount is left as it is written down."""

    attempt_id: Annotated[str, Meta(min_length=1)]
    request_id: str
    at: float
    key: str
    team: str | None
    route: str
    deployment: str
    zone: str
    model: str
    clearance: str
    reason: str
    difficulty: float | None
    prompt_estimate: Count
    findings: dict[str, Count]
    masked: dict[str, Count] = {}
    more: bool = False
    role: Role = "answer"
    tags: tuple[str, ...] = ()
    held: str | None = None


class _Written(Struct, frozen=True, array_like=True, gc=False):
    """A `Settlement` whose amounts are left as they are written down."""

    intent: _WrittenIntent
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


def rows_of(lines: Sequence[bytes], worker: str) -> list[Row] | None:
    """Of many settlements' lines in one go, in their order. None if any may be none: then each has to be looked at.

    `worker` is whose journal they are in.
    """
    text = b"\n".join(lines)
    if holds_nul(text):
        return None
    try:
        written = _WRITTEN.decode_lines(text)
    except (ValueError, RecursionError):
        return None
    costs = _amounts([one.cost for one in written])
    counterfactuals = _amounts([one.counterfactual for one in written])
    helds = _amounts([one.intent.held for one in written])
    if costs is None or counterfactuals is None or helds is None:
        return None
    if any(held is not None and held.startswith("-") for held in helds):
        return None
    if [one.intent.attempt_id.encode() for one in written] != first_texts(lines):
        return None
    return _rows(written, costs, counterfactuals, helds, worker)


def settled_row(settlement: Settlement, worker: str) -> Row:
    """Amounts are rounded to whole quanta and have all their places."""
    cost, counterfactual, held = settlement.cost, settlement.counterfactual, settlement.intent.held
    return _rows([settlement], [_money(cost)], [_money(counterfactual)], [_money(held)], worker)[0]


def abandoned_row(intent: Intent, at: float, worker: str) -> Row:
    """Nobody is left who could say how it ended, nor what it cost."""
    values = astuple(intent)
    return (
        *(*values[:_FINDINGS], _findings(values[_FINDINGS]), at, "abandoned", 0, *_NO_USAGE[:_LATER], *_NOT_KNOWN),
        *(values[_ROLE], worker, _tags(values[_TAGS]), _money(intent.held), *_NO_USAGE[_LATER:]),
    )


def _rows(
    settlements: Sequence[Settlement | _Written],
    costs: Sequence[str | None],
    counterfactuals: Sequence[str | None],
    helds: Sequence[str | None],
    worker: str,
) -> list[Row]:
    rows: list[Row] = []
    for settlement, cost, counterfactual, held in zip(
        map(astuple, settlements), costs, counterfactuals, helds, strict=True
    ):
        intent, at, outcome, status, usage, _, _, latency, first_token, cache, streamed = settlement
        values = astuple(intent)
        used = _NO_USAGE if usage is None else astuple(usage)
        findings, tags = values[_FINDINGS], values[_TAGS]
        rows.append(
            (
                *(*values[:_FINDINGS], _findings(findings) if findings else _NO_FINDINGS, at, outcome, status),
                # SQLite's driver takes as long for True as for three numbers: it looks for an adapter.
                *(*used[:_LATER], cost, counterfactual, latency, first_token, cache, 1 if streamed else 0),
                *(values[_ROLE], worker, _tags(tags) if tags else _NO_TAGS, held, *used[_LATER:]),
            )
        )
    return rows


def _tags(tags: tuple[str, ...]) -> str:
    return encode(tags).decode() if tags else _NO_TAGS


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
