"""What a run is asked for, from the command line."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from bench.load.goal import Goal, goal
from bench.load.registry import Spec, systems
from bench.load.scenario import scenarios

HERE = Path(__file__).parent
PROMPTS = 1_000  # of the decision, in the table
QUICK_ROUNDS, QUICK_SECONDS, QUICK_SOAK, QUICK_PROMPTS = 2, 1.0, 3_000, 100
_SYSTEMS = "direct,nginx,starlette-aiohttp,asgi-raw-work,ferrogw,portkey,litellm-tuned,ours"
_SCENARIOS = "c1,c64,rate,stream,sse"


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of each turn, after `warm` seconds; `prewarm`: seconds of warm-up after a start, at most.

    `rest`: seconds in which nobody asks anything, after which a system is idle.
    """

    systems: tuple[str, ...]
    scenarios: tuple[str, ...]
    rounds: int
    seconds: float
    warm: float
    prewarm: float
    rate: float
    workers: int
    starts: int
    rest: float
    soak: int
    prompts: int
    pin: bool
    env: Path
    base: str
    out: Path | None
    table: bool
    goals: tuple[Goal, ...]


def _names(known: dict[str, Spec]) -> str:
    return "\n".join(f"  {name:24} {spec.kind}" for name, spec in known.items())


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m bench.load",
        description="Gateways side by side before one scripted upstream, in one run. See docs/performance.md.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"systems:\n{_names(systems())}\n\nscenarios:\n"
        + "\n".join(f"  {scenario.name:24} {scenario.what}" for scenario in scenarios(100).values()),
    )
    add = found.add_argument
    add("--systems", default=_SYSTEMS, help="by name, with commas between")
    add("--scenarios", default=_SCENARIOS, help="by name, with commas between")
    add("--table", action="store_true", help="instead: what the table of targets needs, and that table")
    add("--quick", action="store_true", help="few short rounds: does it run? Its figures say little")
    add("--rounds", type=_count, default=5, help="how often each system has its turn; default 5")
    add("--seconds", type=_seconds, default=4.0, help="of each turn; default 4")
    add("--warm", type=_seconds, default=0.5, help="seconds of a turn before those that count; default 0.5")
    add("--prewarm", type=_seconds, default=8.0, help="seconds of warm-up after a start, at most; default 8")
    add("--rate", type=_seconds, default=100.0, help="of the open loop, requests a second; default 100")
    add("--workers", type=_count, default=1, help="of each system; default 1")
    add("--starts", type=_count, default=5, help="in scenario start; default 5")
    add("--rest", type=_seconds, default=15.0, help="seconds unasked until it counts as idle; default 15")
    add("--soak", type=_count, default=50_000, help="streamed requests of scenario soak; default 50,000")
    add("--no-pin", action="store_true", help="leave it to the kernel which core runs what")
    add("--env", type=Path, default=os.environ.get("BENCH_ENV", HERE.parent / "env"), help="where the peers are")
    add("--base", default="starlette-aiohttp", help="the system that the tables compare with")
    add("--out", type=Path, help="every figure of every turn, as JSON")
    add("--goal", action="append", type=goal, default=[], help="A/B:SCENARIO:FIGURE<=X or A:SCENARIO:FIGURE<=X")
    return found


def options(arguments: list[str] | None = None) -> Options:
    """Ends the program, and says why, where something is unknown."""
    reader = parser()
    given = reader.parse_args(arguments)
    chosen, loads = tuple(given.systems.split(",")), tuple(given.scenarios.split(","))
    for names, known in ((chosen, systems()), (loads, scenarios(1))):
        if unknown := [name for name in names if name not in known]:
            reader.error(f"unknown: {', '.join(unknown)}; --help lists all")
    quick: bool = given.quick
    return Options(
        systems=chosen,
        scenarios=loads,
        rounds=min(given.rounds, QUICK_ROUNDS) if quick else given.rounds,
        seconds=min(given.seconds, QUICK_SECONDS) if quick else given.seconds,
        warm=min(given.warm, 0.2) if quick else given.warm,
        prewarm=min(given.prewarm, 3.0) if quick else given.prewarm,
        rate=given.rate,
        workers=given.workers,
        starts=min(given.starts, QUICK_ROUNDS) if quick else given.starts,
        rest=given.rest,
        soak=min(given.soak, QUICK_SOAK) if quick else given.soak,
        prompts=QUICK_PROMPTS if quick else PROMPTS,
        pin=not given.no_pin,
        env=Path(given.env).absolute(),
        base=given.base,
        out=given.out,
        table=given.table,
        goals=tuple(given.goal),
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 600:
        raise argparse.ArgumentTypeError("from 0.1 to 600")
    return number
