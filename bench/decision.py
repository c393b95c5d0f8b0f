"""CPU of the decision: scan and difficulty, each apart and together, over 1,000 different prompts.

    python -m bench.decision [--json]

CPU time of this process, per prompt; nothing is read from a network or a disk while it is measured.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable

from bench.load.prompts import of_length, sentence
from router.content import content_of_text
from router.difficulty.estimator import Estimator
from router.sensitivity.scanner import Scanner

PROMPTS = 1_000
LENGTHS: dict[str, Callable[[random.Random], str]] = {
    "tokens20to60": sentence,
    "tokens200": lambda chance: of_length(chance, 200),
    "tokens2000": lambda chance: of_length(chance, 2_000),
}
_WARM = 50  # prompts that are not counted
_SEED = 11


def measure(prompts: int = PROMPTS) -> dict[str, dict[str, float]]:
    """Name of a length → `scan.p50`, `scan.p99`, `difficulty.…`, `decision.…` (both), in milliseconds."""
    scanner, model = Scanner.default(), Estimator.shipped()
    chance = random.Random(_SEED)
    found = {}
    for length, prompt in LENGTHS.items():
        spent: dict[str, list[float]] = {"scan": [], "difficulty": [], "decision": []}
        for number in range(prompts + _WARM):
            content = content_of_text(prompt(chance))
            begun = time.process_time_ns()
            scanner.scan(content)
            scanned = time.process_time_ns()
            model.estimate(content)
            ended = time.process_time_ns()
            if number >= _WARM:
                spent["scan"].append((scanned - begun) / 1e6)
                spent["difficulty"].append((ended - scanned) / 1e6)
                spent["decision"].append((ended - begun) / 1e6)
        found[length] = {
            f"{part}.{name}": quantile(values, q)
            for part, values in spent.items()
            for name, q in (("p50", 0.5), ("p99", 0.99))
        }
    return found


def quantile(values: list[float], q: float) -> float:
    """The least value that at least the share `q` of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def main() -> int:
    found = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(found, indent=1))
        return 0
    print(f"CPU, ms, {PROMPTS:,} different prompts of each length")
    for name, figures in found.items():
        print(f"{name:12}" + "".join(f"  {figure} {value:.3f}" for figure, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
