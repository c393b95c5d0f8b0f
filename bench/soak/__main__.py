"""Half an hour of mixed traffic while models' servers and Redis break: nothing lost, leaked, wrong, or told outside.

    python -m bench.soak [--minutes 30] [--rate 40] [--every 15] [--seed 1] [--write docs/soak.md]

A real gateway of two workers, a real Redis, and scripted servers of models. Ends with 1 where anything is amiss.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bench.page import put
from bench.soak.report import BEGIN, page
from bench.soak.soak import Plan, soak

GROWTH: Final = 60.0  # KiB a minute and worker: 3.5 MiB an hour
LONG: Final = 10  # minutes from which on growth says something


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="of traffic")
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second")
    parser.add_argument("--every", type=float, default=15.0, help="seconds from one trouble to the next")
    parser.add_argument("--seed", type=int, default=1, help="what the traffic and the troubles are drawn from")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this page")
    options = parser.parse_args()
    most = GROWTH if options.minutes >= LONG else None
    seen = soak(Plan(options.minutes * 60, options.rate, options.every, options.seed, most))
    text = page(seen)
    if options.write:
        put(options.write, BEGIN, text)
    print(text)
    return 1 if seen.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
