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

from gateway.accounting.cell import as_cell
from gateway.accounting.money import EXACT, dollars
from gateway.accounting.period import Period
from gateway.accounting.savings import MONTHLY_REQUESTS, Account, Between, Spend
from gateway.config.price import MachinePrice

_SHOWN: Final = Decimal("0.000001")  # dollars
_BETWEEN: Final = ("spent_between", "saved_between")
_VALUES: Final = tuple(field.name for field in fields(Spend) if field.name not in ("group", *_BETWEEN))
# In CSV an interval is two columns, behind all others: who reads them by place is not disturbed.
_ENDS: Final = tuple(f"{name.removesuffix('_between')}_{end}" for name in _BETWEEN for end in ("low", "high"))


def as_csv(account: Account) -> str:
    """One row per group, then `total`; an unknown amount is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*account.by, *_VALUES, *_ENDS])
    for line in account.lines:
        writer.writerow([*("" if value is None else as_cell(value) for value in line.group), *_cells(line)])
    writer.writerow([*(["total"] * bool(account.by)), *[""] * (len(account.by) - 1), *_cells(account.total)])
    return text.getvalue()


def as_json(account: Account, assumed: Mapping[str, MachinePrice]) -> str:
    """Amounts are strings, so that no reader makes floats of them; an unknown amount is null."""
    projection = account.projection
    document = {
        "from": _moment(account.period.start),
        "to": _moment(account.period.end),
        "by": list(account.by),
        "against": account.against,
        "lines": [{**dict(zip(account.by, line.group, strict=True)), **values_of(line)} for line in account.lines],
        "total": values_of(account.total),
        "under_way": account.under_way,
        "estimates": None
        if account.margin is None
        else {
            "low": dollars(account.margin.low),
            "high": dollars(account.margin.high),
            "basis": account.margin.basis,
        },
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
    what = f"; saved against {account.against}" if account.against else ""
    parts = [f"Spend {_said(account.period)}, in dollars{what}", ""]
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
    reference = f"all {account.against}" if account.against else "all large"
    rows = [[*names, *(reference if title == "all large" else title for title, _ in _COLUMNS)]]
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
        most = f"; at the most {_shown(total.held)} $, as far as anything was held for it" if total.held else ""
        yield f"The cost of {_attempts(total.unknown_cost)} is unknown and in none of the sums{most}."
    if total.not_compared:
        yield f"{_attempts(total.not_compared)} not compared with the large model: one of the two costs is unknown."
    if total.estimated:
        yield f"The tokens of {_attempts(total.estimated)} are estimated: the model's server did not count them."
    yield from _intervals(account)
    if "tag" in account.by:
        yield "What has several tags is in the line of each, and once in the total."
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
        titles = (f"all to {account.against or 'the large model'}", "as routed", "saved")
        longest = max(map(len, titles))
        for title, cell in zip(titles, cells, strict=True):
            yield f"  {title.ljust(longest)}  {cell.rjust(width)}"
    else:
        yield f"No projection to {MONTHLY_REQUESTS:,} requests: of no request are both costs known."


def _intervals(account: Account) -> Iterator[str]:
    """What the sums may truly be, where tokens are estimated."""
    total, margin = account.total, account.margin
    if margin is None or total.spent_between is None:
        return
    basis = f"measured on {margin.basis:,} that were counted" if margin.basis else "assumed: too few were counted"
    yield (
        f"An estimate may stand for {dollars(margin.low)} to {dollars(margin.high)} times as many tokens ({basis}). "
        f"So {_range('spent', total.spent_between)}" + _and_saved(total.saved_between)
    )


def _and_saved(saved: Between | None) -> str:
    return "." if saved is None else f", and {_range('saved', saved)}."


def _range(what: str, between: Between) -> str:
    low, high = map(_shown, between)
    return f"{what} is {low}" if low == high else f"{what} is from {low} to {high}"


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
    ends = (end for name in _BETWEEN for end in (getattr(spend, name) or (None, None)))
    values: list[object] = [*_numbers(spend).values(), *map(_plain, ends)]
    return ["" if value is None else value for value in values]


def values_of(spend: Spend) -> dict[str, int | str | list[str | None] | None]:
    """As JSON has them: amounts are text."""
    between = {name: getattr(spend, name) for name in _BETWEEN}
    return {**_numbers(spend), **{name: ends and [*map(_plain, ends)] for name, ends in between.items()}}


def _numbers(spend: Spend) -> dict[str, int | str | None]:
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
