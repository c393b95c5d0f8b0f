"""Each fault of a model's server in every dialect, streamed or not, pinned or free: what clients see, what is booked.

    python -m bench.wall [--only WORD] [--write docs/resilience-faults.md]

A real gateway and real, scripted servers. Ends with 1 where anything is not as stated (`bench/wall/stated.py`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.wall.cells import cells
from bench.wall.stage import set_up
from bench.wall.stated import stated
from bench.wall.table import page, write
from bench.wall.wall import build


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.wall", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", help="only cells with this in their names, such as `429` or `Ollama`")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this page")
    options = parser.parse_args()
    chosen = [cell for cell in cells() if options.only in str(cell)]
    with tempfile.TemporaryDirectory() as name, set_up(Path(name), chosen) as stage:
        wall = build(stage, chosen)
    text = page(wall)
    if options.write:
        write(options.write, text)
    else:
        print(text)
    amiss = [stone for stone in wall.stones if not stone.is_as_stated]
    for stone in amiss:
        print(f"{stone.cell}: {stone.outcome}, not {stated(stone.cell)}; {stone.amiss}", file=sys.stderr)
    return 1 if amiss or wall.bytes_outside else 0


if __name__ == "__main__":
    sys.exit(main())
