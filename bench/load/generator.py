"""Runs the load generator (`src/generator.c`) once and reads what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load.child import Child
from bench.load.ground import Ground

_TIMEOUT_MS = 20_000  # of one request
_SPARE = 60.0  # seconds after which a generator that does not end is given up
_TIMES = {"lat": "", "ttfb": "ttfb.", "fly": "fly.", "gap": "gap."}


@dataclass(frozen=True, slots=True)
class Load:
    """`rate`: requests a second, open loop. `count`: requests at most. `expect`: what a good whole answer holds."""

    connections: int
    seconds: float
    warm: float = 0.0
    rate: float | None = None
    count: int | None = None
    streamed: bool = False
    expect: str = ""

    def flags(self) -> list[str]:
        found = ["-c", str(self.connections), "-d", f"{self.seconds:g}", "-w", f"{self.warm:g}"]
        found += ["-t", str(_TIMEOUT_MS)]
        if self.rate is not None:
            found += ["-r", f"{self.rate:g}"]
        if self.count is not None:
            found += ["-n", str(self.count)]
        if self.streamed:
            found.append("-s")
        elif self.expect:
            found += ["-x", self.expect]
        return found


def run(ground: Ground, port: int, path: str, body: Path, headers: Mapping[str, str], load: Load) -> dict[str, float]:
    """The generator's figures, see `figures`. Raises `subprocess.TimeoutExpired` where it does not end."""
    command = [str(ground.generator), "-p", str(port), "-u", path, "-b", str(body), *load.flags()]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    child = Child(command, cpus=ground.generator_cpus)
    try:
        said = child.said(load.seconds + load.warm + _SPARE)
    finally:
        child.stop()
    return figures(json.loads(said))


def figures(report: Mapping[str, Any]) -> dict[str, float]:
    """Its report, flat: `p50`, `p99`… in ms; for streams `ttfb.`, `fly.` (chunk delay) and `gap.`; `bad`: errors."""
    found = {name: float(report[name]) for name in ("good", "done", "rps", "chunks", "chunks_s")}
    found["bad"] = float(sum(report["errors"].values()))
    for kind, prefix in _TIMES.items():
        for name, value in report.get(kind, {}).items():
            if name != "n" and report[kind]["n"]:
                found[prefix + name] = value / 1000
    return found
