"""One turn: one system under one load, with what it cost."""

from __future__ import annotations

import time

from bench.load import generator, proc
from bench.load.generator import Load
from bench.load.ground import Ground
from bench.load.options import Options
from bench.load.scenario import SOAK, Scenario
from bench.load.system import MARKER, System

_SOAK_BASE = 1_000  # streamed requests after which memory is first read
_SOAK_SECONDS = 600.0  # at most
_QUIET = 0.05  # cores: less is rest
_LOOK = 1.2  # seconds between two looks, longer than the pauses of work that is put off
_PATIENCE = 6.0  # seconds for work that was put off to be done


def take(system: System, scenario: Scenario, ground: Ground, options: Options) -> dict[str, float]:
    """The figures of one turn. CPU is that of the whole turn by all its requests, those of its warm-up too.

    Work that was put off until after the answer (a ledger, logs, metrics) counts: the turn ends when the system rests.
    """
    ground.use_cpus(pinned=system.pinned)
    ground.set_upstream(scenario.upstream)
    if scenario.name == SOAK:
        return _soak(system, scenario, ground, options)
    load = Load(
        scenario.connections,
        options.seconds,
        options.warm,
        rate=scenario.rate,
        streamed=scenario.streamed,
        expect=MARKER,
    )
    return _measured(system, scenario, ground, load)


def _measured(system: System, scenario: Scenario, ground: Ground, load: Load) -> dict[str, float]:
    before = ground.stats()
    own, tools, machine, begun = _meters(system, ground)
    found = generator.run(ground, system.port, system.spec.path, system.bodies[scenario.body], system.headers, load)
    own_then, tools_then, machine_then, ended = _meters(system, ground)
    took, busy = ended - begun, own_then - own
    spent = _at_rest(system, own_then) - own if system.spec.command else busy
    after = ground.stats()
    ours = tools_then - tools + (busy if system.spec.command else 0.0)
    found["cpu_per_1k"] = spent / max(found["done"], 1) * 1000
    found["cpu_per_1k_chunks"] = spent / max(after["chunks"] - before["chunks"], 1) * 1000
    found["utilisation"] = busy / took
    found["foreign"] = max(0.0, machine_then - machine - ours) / took
    found["upstream_share"] = (after["chat"] - before["chat"]) / max(found["done"], 1)
    found["pss"] = proc.pss_mb(system.pid)
    return found


def _at_rest(system: System, spent: float) -> float:
    """The CPU seconds of a system once it rests."""
    for _ in range(int(_PATIENCE / _LOOK)):
        time.sleep(_LOOK)
        last, spent = spent, proc.cpu_seconds(system.pid)
        if spent - last < _QUIET * _LOOK:
            break
    return spent


def _soak(system: System, scenario: Scenario, ground: Ground, options: Options) -> dict[str, float]:
    base = min(_SOAK_BASE, options.soak // 2)
    memory = []
    for count in (base, options.soak - base):
        load = Load(scenario.connections, _SOAK_SECONDS, count=count, streamed=True)
        found = _measured(system, scenario, ground, load)
        memory.append(found["pss"])
    return found | {"pss_before": memory[0], "pss": memory[1], "growth": memory[1] / memory[0], "soaked": options.soak}


def _meters(system: System, ground: Ground) -> tuple[float, float, float, float]:
    """CPU seconds of the system, of the tools and of the machine, and the time."""
    return proc.cpu_seconds(system.pid), ground.tools_cpu(), proc.machine_busy(), time.monotonic()
