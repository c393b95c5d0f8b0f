"""how well sensitive text is found and what it costs, on labelled rows, beside the goals.

    make bench-detection DATA=DATA_DIR

DATA_DIR holds `dev_*.jsonl.gz` with rows `{id, source, lang, tier, text, spans: [[start, end, TYPE]]}`. A document is
found if it has any finding; a span is found if a finding overlaps it. Rules, words and thresholds were written while
looking at the development rows, so that figures on those flatter; give it rows that nobody has looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.detection import cost, figures
from bench.detection.rows import judged, rows
from router.sensitivity.scanner import Scanner


def main(folder: Path) -> None:
    some = list(rows(folder))
    if not some:
        sys.exit(f"{folder}: no dev_*.jsonl.gz")
    scanner = Scanner.default()
    result = judged(scanner, some)
    for line in figures.lines(result):
        print(line)
    for line in cost.lines(scanner, some, folder):
        print(line)
    for line in figures.details(result):
        print(line)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
