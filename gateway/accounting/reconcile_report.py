"""Reconcile report: what `reconcile.py` found, as a table of what does not agree, as CSV and as JSON of everything."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal

from gateway.accounting.cell import as_cell
from gateway.accounting.money import EXACT, dollars
from gateway.accounting.reconcile import Line, Reconciled

_SHOWN = Decimal("0.000001")  # dollars
_TITLES = {
    "requests": "requests",
    "prompt_tokens": "tokens in",
    "cached_tokens": "cached",
    "completion_tokens": "tokens out",
    "cost": "cost",
}


def as_table(found: Reconciled) -> str:
    """For the terminal. Of each measure what the ledger has and how much more that is than the statement."""
    lines = [line for line in found.lines if line.verdict != "agrees"]
    same = len(found.lines) - len(lines)
    parts = [f"{same:,} of {len(found.lines):,} days and models agree."]
    if lines:
        heads = ["day", "model"]
        for name in found.measures:
            heads += [_TITLES[name], "more than theirs"]
        rows = [[*heads, ""], *([*_cells(found, line), line.verdict] for line in lines)]
        rows.append([*_cells(found, found.total, "total"), ""])
        parts += ["", *_aligned(rows)]
        unknown = sum((line.here.unknown if line.here else 0) for line in found.lines)
        if unknown:
            parts += ["", f"The cost of {unknown:,} of the ledger's attempts is unknown: there the difference is, too."]
    return "\n".join(parts) + "\n"


def as_csv(found: Reconciled) -> str:
    """A row for each day and model; what is not known is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [f"{name}_{side}" for name in found.measures for side in ("ledger", "statement", "difference")]
    writer.writerow(["day", "model", "verdict", *columns, "unknown_cost"])
    for line in found.lines:
        values = [value for name in found.measures for value in _triple(line, name)]
        unknown = line.here.unknown if line.here else 0
        cells = [line.day.isoformat(), line.model and as_cell(line.model), line.verdict, *values, unknown]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue()


def as_json(found: Reconciled) -> str:
    """Amounts are strings; what is not known is null."""
    document = {
        "agrees": found.agrees,
        "lines": [{"day": line.day.isoformat(), "model": line.model, **_plain(found, line)} for line in found.lines],
        "total": _plain(found, found.total),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain(found: Reconciled, line: Line) -> dict[str, object]:
    sides = ("ledger", "statement", "difference")
    return {
        "verdict": line.verdict,
        **{name: dict(zip(sides, _triple(line, name), strict=True)) for name in found.measures},
        "unknown_cost": line.here.unknown if line.here else 0,
    }


def _triple(line: Line, measure: str) -> tuple[int | str | None, ...]:
    here = None if line.here is None else getattr(line.here, measure)
    there = None if line.there is None else getattr(line.there, measure)
    values = (here, there, line.difference(measure))
    return tuple(dollars(value) if isinstance(value, Decimal) else value for value in values)


def _cells(found: Reconciled, line: Line, name: str = "") -> Iterator[str]:
    yield name or line.day.isoformat()
    yield "" if name else line.model or "-"
    for measure in found.measures:
        yield _shown(None if line.here is None else getattr(line.here, measure))
        difference = line.difference(measure)
        yield "unknown" if difference is None else _shown(difference, sign="+")


def _shown(value: int | Decimal | None, sign: str = "") -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return format(value, f"{sign},")
    return format(value.quantize(_SHOWN, context=EXACT), f"{sign},f")


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """Names to the left, numbers to the right, the verdict last."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1
    for row in rows:
        cells = [
            cell.ljust(width) if place in (0, 1, last) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
