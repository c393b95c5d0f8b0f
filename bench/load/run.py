"""A run: everything is started, takes turns A B C A B C …, and is stopped."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench.load import proc, target
from bench.load.ground import Ground, NotStarted
from bench.load.options import Options
from bench.load.registry import Spec, systems
from bench.load.report import line
from bench.load.results import Results
from bench.load.scenario import HIT, SOAK, START, scenarios
from bench.load.system import System
from bench.load.turn import take

_TOLERATED = 0.01  # share of bad answers: what fails is cheap
Plan = list[tuple[str, str]]  # scenario and system of each turn of a round


def plan(options: Options, known: dict[str, Spec]) -> Plan:
    """Systems with a cache take the scenario `hit`, the others all the other ones."""
    if options.table:
        return target.needed()
    return [
        (scenario, system)
        for scenario in options.scenarios
        for system in options.systems
        if known[system].cache == (scenario == HIT) and (scenario != START or known[system].command)
    ]


def run(options: Options) -> Results:
    """Raises `NotStarted` or `NotBuilt` where not even the upstream runs. A system that is missing is left out."""
    known, results = systems(), Results()
    todo = plan(options, known)
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        pin = options.pin and options.workers == 1
        try:
            with Ground(Path(folder), pin=pin) as ground:
                there = {}
                for name in dict.fromkeys(system for _, system in todo):
                    repeat = (START, name) in todo
                    system = System(name, known[name], ground, options)
                    results.kinds[name] = known[name].kind
                    if _started(system, results, options.starts if repeat else 1, measured=repeat):
                        there[name] = system
                _turns(todo, there, ground, options, results)
        finally:
            write(results, options)  # also what an interrupted run has so far
    return results


def _started(system: System, results: Results, times: int, *, measured: bool) -> bool:
    """Whether it runs; started, and stopped in between, that many times. Idle memory takes a while to measure."""
    for turn in range(1, times + 1):
        try:
            start = system.start()
        except NotStarted as error:
            results.absent[system.name] = str(error)
            print(f"start {system.name:24} LEFT OUT: {error}", flush=True)
            system.stop()
            return False
        if not system.spec.command:
            return True
        figures = {"ready": start.ready, "used": start.used} | ({"idle": system.idle()} if measured else {})
        results.add(system.name, START, turn, figures)
        memory = f"PSS {start.used:6.1f} MB" + (f", idle {figures['idle']:6.1f} MB" if measured else "")
        print(f"start {system.name:24} ready after {start.ready:6.2f} s, {memory}, pid {system.pid}", flush=True)
        if turn < times:
            system.stop()
    system.warm_up()
    return True


def _turns(todo: Plan, there: dict[str, System], ground: Ground, options: Options, results: Results) -> None:
    known = scenarios(options.rate)
    rounds = [(turn, pair) for turn in range(1, options.rounds + 1) for pair in todo if pair[0] not in (START, SOAK)]
    rounds += [(1, pair) for pair in todo if pair[0] == SOAK]  # last: it changes what follows
    for turn, (scenario, name) in rounds:
        if name not in there:
            continue
        try:
            figures = take(there[name], known[scenario], ground, options)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"! {name} {scenario}: {error!r}", flush=True)
            continue
        if figures["bad"] > _TOLERATED * max(figures["done"], 1):
            print(f"! {name} {scenario}: not counted, {figures['bad']:.0f} of {figures['done']:.0f} answers were bad")
        else:
            results.add(name, scenario, turn, figures)
        print(line(turn, scenario, name, figures), flush=True)


def write(results: Results, options: Options) -> None:
    """Every figure, to the file asked for, if one was."""
    if options.out is None:
        return
    about = {
        "when": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "cpu": proc.model_name(),
        "cores": os.cpu_count(),
        "options": {name: str(value) for name, value in asdict(options).items()},
    }
    options.out.write_text(json.dumps(about | asdict(results), indent=1), encoding="utf-8")
