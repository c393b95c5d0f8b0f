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
_SETTLE = 1.0  # seconds until memory is read


def take(system: System, scenario: Scenario, ground: Ground, options: Options) -> dict[str, float]:
    """The figures of one turn. CPU is that of the whole turn by all its requests, those of its warm-up too."""
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
    before, chunks = ground.stats(), 0
    own, tools, machine, begun = _meters(system, ground)
    found = generator.run(ground, system.port, system.spec.path, system.bodies[scenario.body], system.headers, load)
    own_now, tools_now, machine_now, ended = _meters(system, ground)
    after = ground.stats()
    chunks, took, spent = after["chunks"] - before["chunks"], ended - begun, own_now - own
    ours = tools_now - tools + (spent if system.spec.command else 0.0)
    found["cpu_per_1k"] = spent / max(found["done"], 1) * 1000
    found["cpu_per_1k_chunks"] = spent / max(chunks, 1) * 1000
    found["per_cpu_s"] = found["done"] / max(spent, 1e-9)
    found["utilisation"] = spent / took
    found["foreign"] = max(0.0, machine_now - machine - ours) / took
    found["upstream_hits"] = float(after["chat"] - before["chat"])
    found["pss"] = proc.pss_mib(system.pid)
    return found


def _soak(system: System, scenario: Scenario, ground: Ground, options: Options) -> dict[str, float]:
    base = min(_SOAK_BASE, options.soak // 2)
    memory = []
    for count in (base, options.soak - base):
        load = Load(scenario.connections, _SOAK_SECONDS, count=count, streamed=True)
        found = _measured(system, scenario, ground, load)
        time.sleep(_SETTLE)
        memory.append(proc.pss_mib(system.pid))
    return found | {"pss_before": memory[0], "pss": memory[1], "growth": memory[1] / memory[0], "soaked": options.soak}


def _meters(system: System, ground: Ground) -> tuple[float, float, float, float]:
    """CPU seconds of the system, of the tools and of the machine, and the time."""
    return proc.cpu_seconds(system.pid), ground.tools_cpu(), proc.machine_busy(), time.monotonic()
