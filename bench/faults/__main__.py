"""Redis and PostgreSQL down, frozen, slow, full, empty, failing over: what each part's clients see, and for how long.

    python -m bench.faults [--during 12] [--rate 40] [--only WORD] [--write docs/faults.md]

Real servers, a real gateway of two workers, and a replica to fail over to. Needs root, for a disk that can be filled.
Ends with 1 where a part said what is not stated of it, a stack was printed, or the books were not right afterwards.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.faults.books import Books, books
from bench.faults.faults import FAULTS
from bench.faults.parts import PARTS
from bench.faults.run import Run, Sizes, calm, run
from bench.faults.stage import set_up
from bench.faults.table import page, told, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--before", type=float, default=4.0, help="seconds of traffic before each fault")
    parser.add_argument("--during", type=float, default=12.0, help="seconds that each fault lasts")
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second to each part")
    parser.add_argument("--only", default="", help="only faults with this in their names, such as `frozen`")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this page")
    options = parser.parse_args()
    sizes = Sizes(options.before, options.during, options.rate)
    runs: list[Run] = []
    found: list[Books] = []
    with tempfile.TemporaryDirectory() as name, set_up(Path(name)) as stage:
        calm(stage, PARTS)
        for fault in FAULTS:
            if options.only in f"{fault.store} {fault.name}":
                runs.append(run(stage, fault, PARTS, sizes))
                found.append(books(stage, runs[-1].answers))
                print(*told(runs[-1], found[-1]), sep="\n", flush=True)
    text = page(runs, found, sizes)
    if options.write:
        write(options.write, text)
    else:
        print(text)
    return 0 if all(map(_as_promised, runs, found)) else 1


def _as_promised(seen: Run, own: Books) -> bool:
    said = all(one.during.keys() <= one.part.may_say(seen.fault.store) for one in seen.seen)
    return said and seen.stacks == 0 and own.balanced


if __name__ == "__main__":
    sys.exit(main())
