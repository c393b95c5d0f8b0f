"""Report: an account as a table for people, as CSV and as JSON. CSV and JSON hold every digit, the table six places."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from gateway.accounting.money import EXACT, dollars
from gateway.accounting.savings import MONTHLY_REQUESTS, Account, Period, Spend
from gateway.config.price import MachinePrice

_SHOWN: Final = Decimal("0.000001")  # dollars
_VALUES: Final = tuple(field.name for field in fields(Spend) if field.name != "group")


def as_csv(account: Account) -> str:
    """One row per group, then `total`; an unknown amount is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*account.by, *_VALUES])
    for line in account.lines:
        writer.writerow([*("" if value is None else value for value in line.group), *_cells(line)])
    writer.writerow([*(["total"] * bool(account.by)), *[""] * (len(account.by) - 1), *_cells(account.total)])
    return text.getvalue()


def as_json(account: Account, assumed: Mapping[str, MachinePrice]) -> str:
    """Amounts are strings, so that no reader makes floats of them; an unknown amount is null."""
    projection = account.projection
    document = {
        "from": _moment(account.period.start),
        "to": _moment(account.period.end),
        "by": list(account.by),
        "lines": [{**dict(zip(account.by, line.group, strict=True)), **_values(line)} for line in account.lines],
        "total": _values(account.total),
        "under_way": account.under_way,
        "projection": {
            "requests": MONTHLY_REQUESTS,
            "basis": projection.basis,
            "as_routed": _plain(projection.as_routed),
            "all_large": _plain(projection.all_large),
            "saved": _plain(projection.saved),
        },
        "assumed": {
            name: {key: dollars(getattr(price, key)) for key in ("watts", "per_kwh", "per_hour")}
            for name, price in assumed.items()
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_table(account: Account, assumed: Mapping[str, MachinePrice]) -> str:
    """For the terminal: the lines, what is not in them, what was assumed, and the projection."""
    if not account.total.attempts:
        return f"No request was settled {_said(account.period)}.\n"
    parts = [f"Spend {_said(account.period)}, in dollars", ""]
    parts += _rows(account)
    parts += ["", *_remarks(account, assumed)]
    return "\n".join(line.rstrip() for line in parts).rstrip() + "\n"


_COLUMNS: Final[Sequence[tuple[str, Callable[[Spend], str]]]] = (
    ("requests", lambda spend: f"{spend.requests:,}"),
    ("local", lambda spend: "-" if spend.local_share is None else f"{spend.local_share:.0%}"),
    ("hits", lambda spend: f"{spend.hits:,}"),
    ("tokens in", lambda spend: f"{spend.prompt_tokens:,}"),
    ("tokens out", lambda spend: f"{spend.completion_tokens:,}"),
    ("spent", lambda spend: _shown(spend.spent)),
    ("all large", lambda spend: _shown(spend.reference)),
    ("saved", lambda spend: _shown(spend.saved)),
    ("unknown cost", lambda spend: f"{spend.unknown_cost:,}"),
)


def _rows(account: Account) -> Iterator[str]:
    names = account.by or ("",)
    rows = [[*names, *(title for title, _ in _COLUMNS)]]
    rows += [[*_named(account.by, line), *(cell(line) for _, cell in _COLUMNS)] for line in account.lines if account.by]
    rows.append(["total", *[""] * (len(names) - 1), *(cell(account.total) for _, cell in _COLUMNS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) if column < len(names) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )


def _remarks(account: Account, assumed: Mapping[str, MachinePrice]) -> Iterator[str]:
    total, projection = account.total, account.projection
    if total.unknown_cost:
        yield f"The cost of {_attempts(total.unknown_cost)} is unknown and in none of the sums."
    if total.not_compared:
        yield f"{_attempts(total.not_compared)} not compared with the large model: one of the two costs is unknown."
    if total.estimated:
        yield f"The tokens of {_attempts(total.estimated)} are estimated: the model's server did not count them."
    if account.under_way:
        yield f"{_attempts(account.under_way)} not settled yet."
    for name, price in assumed.items():
        yield (
            f"Assumed for {name}, which has no price: {dollars(price.watts)} W while busy at {dollars(price.per_kwh)} "
            f"$/kWh, and {dollars(price.per_hour)} $ of hardware per busy hour."
        )
    yield ""
    if projection.basis:
        yield f"{MONTHLY_REQUESTS:,} requests a month like these {projection.basis:,}:"
        amounts = (projection.all_large, projection.as_routed, projection.saved)
        cells = [f"{amount or 0:,.2f}" for amount in amounts]
        width = max(map(len, cells))
        for title, cell in zip(("all to the large model", "as routed", "saved"), cells, strict=True):
            yield f"  {title:<22}  {cell.rjust(width)}"
    else:
        yield f"No projection to {MONTHLY_REQUESTS:,} requests: of no request are both costs known."


def _attempts(number: int) -> str:
    return f"{number:,} attempt{'s' * (number != 1)}"


def _named(by: Sequence[str], line: Spend) -> Iterator[str]:
    for dimension, value in zip(by, line.group, strict=True):
        if value is None:
            yield "-"
        else:
            yield "(cache)" if dimension == "deployment" and not value else value


def _shown(amount: Decimal | None) -> str:
    if amount is None:
        return "unknown"
    if 0 < amount < _SHOWN:
        return f"<{_SHOWN:f}"
    return f"{amount.quantize(_SHOWN, context=EXACT):,f}"


def _cells(spend: Spend) -> list[object]:
    return ["" if value is None else value for value in _values(spend).values()]


def _values(spend: Spend) -> dict[str, int | str | None]:
    return {
        name: _plain(value) if isinstance(value := getattr(spend, name), Decimal | None) else value for name in _VALUES
    }


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else dollars(amount)


def _said(period: Period) -> str:
    start, end = _moment(period.start), _moment(period.end)
    if start and end:
        return f"from {start} to {end}"
    return f"since {start}" if start else f"until {end}" if end else "so far"


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
