"""Overload: what is left of the goodput, and how long answers take, when several times as much comes as can be done.

python -m bench.overload [--factors 1,1.5,2,3] [--seconds 12] [--off]

Peak: a closed loop of 64 connections. Then open loops, at multiples of that: so many requests a second come, whatever
becomes of them. *Goodput* is whole answers a second; latency counts from the moment a request was due, of answers only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bench.load import generator, proc
from bench.load.build import NotBuilt
from bench.load.generator import Load
from bench.load.ground import Ground, NotStarted
from bench.load.options import options
from bench.load.registry import systems
from bench.load.system import MARKER, System

CONNECTIONS = 6000  # of the open loops: nobody waits for a free one
BODY = "long"  # prompts of 2,000 tokens: with short ones, more connections would be needed than one machine has
WARM = 8.0  # seconds before those that count: longer than it takes to notice
GOAL = 0.9  # of the peak, at three times the peak
GOAL_FACTOR = 3.0
GOAL_SECONDS = 2.0  # for 99 of 100 answers


@dataclass(frozen=True, slots=True)
class Row:
    """`cores`: what the gateway used. Seconds."""

    load: str
    offered: float
    good: float
    p50: float
    p99: float
    cores: float


def measure(system: System, ground: Ground, name: str, load: Load) -> Row:
    before, begun = proc.cpu_seconds(system.pid), time.monotonic()
    found = generator.run(ground, system.port, system.spec.path, system.bodies[BODY], system.headers, load)
    took = time.monotonic() - begun
    used = proc.cpu_seconds(system.pid) - before
    offered = load.rate or found["rps"]
    p50, p99 = found.get("p50", 0.0) / 1000, found.get("p99", 0.0) / 1000
    return Row(name, offered, found["rps"], p50, p99, used / took)


def rows(ground: Ground, given: argparse.Namespace) -> list[Row]:
    spec = systems()["ours"]
    if given.off:
        spec = replace(spec, values={**spec.values, "overload": "false"})
    system = System("ours", spec, ground, options([]))
    system.start()
    try:
        system.warm_up()
        ground.use_cpus(pinned=True)
        peak = measure(system, ground, "peak", Load(64, given.seconds, 1.0, expect=MARKER))
        found = [peak]
        for factor in given.factors:
            load = Load(CONNECTIONS, given.seconds, WARM, rate=factor * peak.good, expect=MARKER)
            found.append(measure(system, ground, f"{factor:g} x", load))
        return found
    finally:
        system.stop()


def shown(found: list[Row]) -> str:
    lines = ["| load | offered/s | goodput/s | of the peak | p50 | p99 | cores |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row.load} | {row.offered:.0f} | {row.good:.0f} | {row.good / found[0].good:.0%} | {row.p50:.2f} s "
        f"| {row.p99:.2f} s | {row.cores:.2f} |"
        for row in found
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """0 where the goal is met at three times the peak, or that was not tried; 1 where not; 2 if it did not run."""
    reader = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    reader.add_argument("--factors", type=lambda text: [float(one) for one in text.split(",")], default=[1, 1.5, 2, 3])
    reader.add_argument("--seconds", type=float, default=12.0, help="of each load; default 12")
    reader.add_argument("--off", action="store_true", help="with server.overload.enabled: false")
    given = reader.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder, Ground(Path(folder), pin=True) as ground:
            found = rows(ground, given)
    except (NotBuilt, NotStarted) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{proc.model_name()}, one worker\n\n{shown(found)}")
    last = next((row for row in found if row.load == f"{GOAL_FACTOR:g} x"), None)
    met = last is None or (last.good >= GOAL * found[0].good and last.p99 <= GOAL_SECONDS)
    print(f"\nat {GOAL_FACTOR:g} x: at least {GOAL:.0%} of the peak, p99 at most {GOAL_SECONDS:g} s: {met}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
