"""how well difficulty is estimated on public rows and what it costs, beside the goals.

    make bench-routing DATA=DATA_DIR

DATA_DIR holds `train/` and `dev/` with `*.jsonl.gz`. The goals are for MMLU, GSM8K and MT-Bench, which nobody here
looks at; each line is a stand-in for one of them and says which rows it is measured on. A goal is met where the 95 %
interval reaches it. APGR, CPT50 and CPT80 as RouteLLM defines them (random: 0.5, 50 %, 80 %). Some minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.routing.data import Data
from bench.routing.goal import HEAD
from bench.routing.lines import DETAILS, LINES


def main(folder: Path) -> None:
    data = Data.load(folder)
    if not data.train:
        sys.exit(f"{folder}: no train/*.jsonl.gz")
    print(HEAD)
    for lines in LINES:
        for line in lines(data):
            print(line, flush=True)
    for detail in DETAILS:
        for text in detail(data):
            print(text, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
