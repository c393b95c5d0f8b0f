"""Rows: labelled texts, and what was found in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from router.content import content_of_text

if TYPE_CHECKING:  # `memory.py` reads rows before it imports the scanner
    from router.sensitivity.scanner import Scanner

# Types that identify nobody by themselves: spans of them are not counted.
NOT_IDENTIFYING = {"DATE", "LOCATION", "ORG", "JOB_TITLE", "AGE", "GENDER", "TITLE", "NRP", "RELATIVE", "SALARY"} | {
    "MARITAL_STATUS",
    "EDUCATION_LEVEL",
}


class Row(msgspec.Struct, frozen=True):
    """A line of `dev_<file>.jsonl.gz`. `spans` are start, end and type of what ought to be found."""

    id: str
    source: str
    lang: str
    text: str
    tier: str
    spans: list[tuple[int, int, str]] = []
    file: str = ""


class Judged(NamedTuple):
    """A row, and the spans that were found in it."""

    row: Row
    found: tuple[tuple[int, int, str], ...]

    def spans(self, kind: str = "") -> tuple[int, int]:
        """How many spans (of type `kind`, if any is given) a finding overlaps, and how many there are."""
        wanted = [
            (start, end)
            for start, end, name in self.row.spans
            if (name == kind if kind else name not in NOT_IDENTIFYING)
        ]
        hits = sum(any(a < end and start < b for a, b, _ in self.found) for start, end in wanted)
        return hits, len(wanted)


def rows(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("dev_*.jsonl.gz")):
        name = path.name.split(".")[0].removeprefix("dev_")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield msgspec.convert(cast(object, json.loads(line) | {"file": name}), Row)


def judged(scanner: Scanner, some: list[Row]) -> list[Judged]:
    """A row of which the scan failed counts as found: it stays at home."""
    result = []
    for row in some:
        scan = scanner.scan(content_of_text(row.text))
        found = tuple((finding.start, finding.end, finding.type) for finding in scan.findings)
        result.append(Judged(row, found or tuple((0, len(row.text), name) for name in scan.failed)))
    return result
