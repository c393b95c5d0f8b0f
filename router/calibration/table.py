"""The calibration table of a route: what its difficulty model says of its traffic, and what an answer costs there.

One JSON file. It names the model it was made with by checksum, since another gives other numbers to the same requests;
and it has a checksum of its own.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Self

from router.calibration.conformal import STEPS, thresholds

FORMAT = "tidegate-calibration"
FORMAT_VERSION = 1
QUANTILES = 400  # steps between the smallest difficulty and the largest
SHIPPED = Path(import_module("router.calibration").__path__[0]) / "shipped.json"
LEAST_ROWS = 50


class TableError(Exception):
    """The table cannot be used: missing, damaged, or of another version. The message says which file and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """`head` is the checksum of the difficulty model. `quantiles` are difficulties of rows, evenly spaced in rank, of
    those that it does not abstain on; `abstained` is the share (0..1) of rows that it does.

    `hard` is how many rows only the large model answers well; `kept` the thresholds under which at most 0, 1/1000, … 1
    of those fall, None where there are too few to say. Costs are mean dollars of one request; None: unknown.
    """

    head: str
    rows: int
    quantiles: tuple[float, ...]
    abstained: float
    hard: int = 0
    kept: tuple[float | None, ...] = ()
    small_cost: Decimal | None = None
    large_cost: Decimal | None = None

    @property
    def has_costs(self) -> bool:
        return self.small_cost is not None and self.large_cost is not None

    @property
    def digest(self) -> str:
        """Tells one table from another; 64 bits."""
        return _checksum(_plain(self))[:16]

    def threshold_for(self, quality: Decimal) -> float | None:
        """The difficulty from which the large model is asked, so that of the hard ones at most 1 − `quality` stay.

        0 where all have to go; None where there are too few hard rows to promise that.
        """
        alpha = Decimal(1) - quality
        if alpha <= 0:
            return 0.0
        if not self.kept:
            return None
        return self.kept[int(alpha * STEPS)]

    def share_from(self, threshold: float) -> float:
        """The share of rows (0..1) that go to the large model from this difficulty on."""
        below = bisect_left(self.quantiles, threshold) / len(self.quantiles)
        return self.abstained + (1.0 - self.abstained) * (1.0 - below)

    @classmethod
    def of(
        cls,
        head: str,
        difficulties: Sequence[float],
        abstained: Sequence[bool],
        hard: Sequence[bool] | None = None,
        costs: tuple[Decimal | None, Decimal | None] = (None, None),
    ) -> Self:
        """From rows: all sequences have one item a row. `costs` are mean dollars of the small and the large model.

        Raises `ValueError` where there are too few rows that the model does not abstain on.
        """
        known = sorted(value for value, unsure in zip(difficulties, abstained, strict=True) if not unsure)
        if len(known) < LEAST_ROWS:
            raise ValueError(f"{len(known)} rows have a difficulty; {LEAST_ROWS} are the least")
        hard_ones: list[float] = []
        if hard is not None:
            # Those it abstains on go to the large model whatever the threshold: as if they were harder than anything.
            hard_ones = [
                1.0 if unsure else value
                for value, unsure, is_hard in zip(difficulties, abstained, hard, strict=True)
                if is_hard
            ]
        return cls(
            head=head,
            rows=len(difficulties),
            quantiles=tuple(round(_at(known, step / QUANTILES), 6) for step in range(QUANTILES + 1)),
            abstained=round(1.0 - len(known) / len(difficulties), 6),
            hard=len(hard_ones),
            kept=thresholds(hard_ones) if hard_ones else (),
            small_cost=costs[0],
            large_cost=costs[1],
        )

    def save(self, file: Path) -> None:
        """Writes it by renaming, so that no reader meets a half-written one. Raises `OSError`."""
        file.parent.mkdir(parents=True, exist_ok=True)
        plain = _plain(self)
        whole = {"format": FORMAT, "format_version": FORMAT_VERSION, "sha256": _checksum(plain), **plain}
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_text(json.dumps(whole) + "\n")
        fresh.replace(file)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Raises `TableError`: missing, damaged, or of another version."""
        try:
            stored = json.loads(file.read_bytes())
        except OSError as error:
            raise TableError(f"{file}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise TableError(f"{file}: not JSON: {error}") from error
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise TableError(f"{file}: not a calibration table")
        if stored.get("format_version") != FORMAT_VERSION:
            raise TableError(f"{file}: format version {stored.get('format_version')!r}, not {FORMAT_VERSION}")
        plain = {field.name: stored.get(field.name) for field in fields(cls)}
        if _checksum(plain) != stored.get("sha256"):
            raise TableError(f"{file}: does not match its checksum: damaged or changed")
        try:
            return cls(**_read(plain))
        except (TypeError, ValueError, InvalidOperation) as error:
            raise TableError(f"{file}: not what this release writes: {error}") from error


@cache
def shipped_table() -> Table:
    """Of public rows and everyday prompts: a place to start from, and no more."""
    return Table.load(SHIPPED)


def _plain(table: Table) -> dict[str, Any]:
    plain: dict[str, Any] = {field.name: getattr(table, field.name) for field in fields(table)}
    plain |= {name: None if plain[name] is None else f"{plain[name]:f}" for name in ("small_cost", "large_cost")}
    return plain | {"quantiles": list(table.quantiles), "kept": list(table.kept)}


def _read(plain: dict[str, Any]) -> dict[str, Any]:
    quantiles = tuple(float(value) for value in plain["quantiles"])
    kept = tuple(None if value is None else float(value) for value in plain["kept"])
    if len(quantiles) < 2 or list(quantiles) != sorted(quantiles) or not all(map(isfinite, quantiles)):
        raise ValueError("its quantiles do not rise")
    if kept and len(kept) != STEPS + 1:
        raise ValueError("it has not one threshold for each step of quality")
    costs = {name: None if plain[name] is None else Decimal(plain[name]) for name in ("small_cost", "large_cost")}
    whole = {name: int(plain[name]) for name in ("rows", "hard")}
    return {
        "head": str(plain["head"]),
        "abstained": float(plain["abstained"]),
        "quantiles": quantiles,
        "kept": kept,
        **whole,
        **costs,
    }


def _checksum(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _at(ordered: Sequence[float], rank: float) -> float:
    place = rank * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 2)
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (place - low)
