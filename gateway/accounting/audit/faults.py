"""Faults: what verification can find, and what it found. None says more of a record than where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Fault(NamedTuple):
    """`where` is a chain or a replica; `number` the record or anchor in it, 0 for the whole."""

    where: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.where} {self.number}: {self.what}" if self.number else f"{self.where}: {self.what}"


@dataclass(slots=True)
class Verdict:
    """What was looked at. `cut` has for each chain that retention shortened the last record that it removed."""

    records: int = 0
    anchors: int = 0
    replicas: int = 0
    unsigned: int = 0  # anchors whose signature was not looked at, for want of a key
    cut: dict[str, int] = field(default_factory=dict)
