"""Detection quality and cost on labelled rows.

    python bench/detection.py DATA_DIR

DATA_DIR holds `dev_*.jsonl.gz` with rows `{id, source, lang, tier, text, spans: [[start, end, TYPE]], sensitive}`.
A document is found if it has any finding; a span is found if a finding overlaps it. Spans of types that identify nobody
by themselves (dates, places, organisations…) are not counted.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from router.content import content_of_text
from router.sensitivity.scanner import Scanner

NOT_IDENTIFYING = {"DATE", "LOCATION", "ORG", "JOB_TITLE", "AGE", "GENDER", "TITLE", "NRP", "RELATIVE", "SALARY"} | {
    "MARITAL_STATUS",
    "EDUCATION_LEVEL",
}
Row = dict[str, Any]


def rows(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("dev_*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line) | {"file": path.name.split(".")[0].removeprefix("dev_")}


class Tally:
    """Counts of one group of rows."""

    def __init__(self) -> None:
        self.documents = self.found = self.spans = self.spans_found = 0
        self.types: Counter[str] = Counter()

    def add(self, row: Row, found: list[tuple[int, int, str]]) -> None:
        self.documents += 1
        self.found += bool(found)
        self.types.update({kind for _, _, kind in found})
        for start, end, kind in row["spans"]:
            if kind not in NOT_IDENTIFYING:
                self.spans += 1
                self.spans_found += any(a < end and start < b for a, b, _ in found)

    def line(self, name: str) -> str:
        spans = f"{self.spans_found / self.spans:.3f} of {self.spans}" if self.spans else "-"
        return f"{name:<44} documents {self.found / self.documents:.3f} of {self.documents:<5} spans {spans}"


def quantile(values: Iterable[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def cost(scanner: Scanner, texts: list[str], size: int) -> str:
    """CPU of texts cut or joined to `size` characters, one scan each."""
    joined = "\n".join(texts)
    contents = [content_of_text(joined[at : at + size]) for at in range(0, min(len(joined), 400 * size), size)]
    for content in contents[:20]:
        scanner.scan(content)
    times = []
    for content in contents:
        start = time.process_time_ns()
        scanner.scan(content)
        times.append((time.process_time_ns() - start) / 1e6)
    return f"{size:>6} characters: p50 {quantile(times, 0.5):.3f} ms, p99 {quantile(times, 0.99):.3f} ms"


def main(folder: Path) -> None:
    scanner = Scanner.default()
    groups: dict[str, Tally] = defaultdict(Tally)
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows(folder):
        text = row["text"]
        scan = scanner.scan(content_of_text(text))
        if scan.failed:
            print("failed:", row["id"], scan.failed)
        found = [(finding.start, finding.end, finding.type) for finding in scan.findings]
        texts["harmless" if row["file"] == "neg" else "sensitive"].append(text)
        kind = f"{row['file']}/{row['tier']}"
        for name in (kind, f"{kind}/{row['lang']}", f"{kind}/{row['lang']}/{row['source']}"):
            groups[name].add(row, found)
        if row["file"] == "neg":
            groups["neg ALL"].add(row, found)
            if row["lang"] == "code":
                groups["neg ALL CODE"].add(row, found)
        if row["file"] == "evasion":
            groups[f"evasion/template {row['template']}"].add(row, found)
    for name, tally in sorted(groups.items()):
        print(tally.line(name), dict(tally.types.most_common(6)) if name.startswith("neg") else "")
    for kind, some in texts.items():
        for size in (200, 4_000):
            print(f"CPU {kind:<10}", cost(scanner, some, size))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
