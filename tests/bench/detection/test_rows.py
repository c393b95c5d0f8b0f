"""Rows are read as they were written, and what could not be read counts as kept at home."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.detection.rows import Row, judged, rows
from router.sensitivity.detector import Span
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import View


class Broken:
    name = "broken"
    triggers = ("boom",)

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        raise ValueError


def test_reads_files_by_name(tmp_path: Path) -> None:
    line = {"id": "1", "source": "s", "lang": "en", "text": "hello", "tier": "strong", "spans": [[0, 5, "PERSON"]]}
    with gzip.open(tmp_path / "dev_pos.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(line | {"sensitive": True}) + "\n")
    assert list(rows(tmp_path)) == [Row("1", "s", "en", "hello", "strong", [(0, 5, "PERSON")], "pos")]


def test_a_scan_that_failed_keeps_the_text_at_home() -> None:
    row = Row("1", "s", "en", "boom", "strong")
    assert judged(Scanner([Broken()]), [row])[0].found == ((0, 4, "broken"),)
