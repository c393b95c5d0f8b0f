"""The table of targets: what must be reached, what is aimed at, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.load.goal import Goal
from bench.load.results import DIRECT, Results, number
from bench.load.scenario import HIT, SOAK, START

DECISION = "decision"  # not a system: bench/decision.py
_BASE, _LITELLM, _LITELLM_REDIS, _GO = "starlette-aiohttp", "litellm-tuned", "litellm-tuned-redis", "ferrogw"


@dataclass(frozen=True, slots=True)
class Target:
    what: str
    goal: Goal  # what must be reached
    aim: float
    unit: str = ""

    @property
    def shares(self) -> bool:
        """Whether the bounds are written as 1/n."""
        return self.goal.bound < 0.1 and not self.unit

    def show(self, value: float) -> str:
        shown = f"1/{1 / value:.1f}".removesuffix(".0") if self.shares and value > 0 else number(value)
        return f"{shown} {self.unit}".strip()

    def row(self, results: Results) -> str:
        found = self.goal.measured(results)
        measured = found.show(self.show) if found else f"not measured{self._why(results)}"
        bounds = f"≤ {self._bound(self.goal.bound)} | ≤ {self._bound(self.aim)}"
        return f"| {self.what} | {bounds} | {measured} | {self._verdict(results)} |"

    def _bound(self, value: float) -> str:
        shown = f"1/{1 / value:.0f}" if self.shares else f"{value:g}"
        return f"{shown} {self.unit}".strip()

    def _verdict(self, results: Results) -> str:
        found = self.goal.measured(results)
        if found is None:
            return "-"
        if found.median <= self.aim:
            return "aim"
        return "must" if found.median <= self.goal.bound else "MISSED"

    def _why(self, results: Results) -> str:
        missing = [name for name in (self.goal.system, self.goal.other) if name in results.absent]
        return f" ({', '.join(missing)} left out)" if missing else ""


def targets() -> tuple[Target, ...]:
    def against(other: str, scenario: str, figure: str, bound: float, system: str = "ours") -> Goal:
        return Goal(system, other, scenario, figure, True, bound)

    def itself(scenario: str, figure: str, bound: float, system: str = "ours") -> Goal:
        return Goal(system, "", scenario, figure, True, bound)

    per_chunk, added = "cpu_per_1k_chunks", "added.p50"
    return (
        Target("CPU per request, c=64, against Starlette + aiohttp", against(_BASE, "c64", "cpu_per_1k", 1.2), 0.7),
        Target("… against LiteLLM Proxy", against(_LITELLM, "c64", "cpu_per_1k", 1 / 40), 1 / 70),
        Target("… against ferrogw (Go)", against(_GO, "c64", "cpu_per_1k", 1.5), 1.0),
        Target("streaming CPU per chunk against Starlette + aiohttp", against(_BASE, "stream", per_chunk, 1.0), 0.7),
        Target(
            "Redis cache hit, CPU per request against LiteLLM + Redis",
            against(_LITELLM_REDIS, HIT, "cpu_per_1k", 1 / 40, "ours-redis"),
            1 / 60,
        ),
        Target("added latency, c=1, p50, against Starlette + aiohttp", against(_BASE, "c1", added, 1.5), 1.0),
        Target("decision, CPU p99, 200 tokens", itself("tokens200", "decision.p99", 0.6, DECISION), 0.2, "ms"),
        Target("decision, CPU p99, 2,000 tokens", itself("tokens2000", "decision.p99", 3.0, DECISION), 0.8, "ms"),
        Target("memory when idle, one worker", itself(START, "idle", 120.0), 80.0, "MB"),
        Target("start to ready", itself(START, "ready", 2.5), 1.5, "s"),
        Target("memory after the soak against after 1,000 streamed requests", itself(SOAK, "growth", 1.1), 1.02),
        Target(
            "CPU per request with 2 workers on Redis against 1",
            against("ours-1-worker", "c64", "cpu_per_1k", 1.15, "ours-2-workers"),
            1.05,
        ),
    )


def needed() -> list[tuple[str, str]]:
    """Scenario and system of every turn that the table needs, each scenario's systems side by side."""
    pairs = [pair for target in targets() for pair in _turns(target.goal)]
    order = {scenario: place for place, scenario in enumerate(dict.fromkeys(scenario for scenario, _ in pairs))}
    return sorted(dict.fromkeys(pairs), key=lambda pair: order[pair[0]])


def table(results: Results, say: Callable[[str], None] = print) -> bool:
    """Says the table; returns whether all that must be reached was. What was not measured was not reached."""
    say("\n| what | must | aim | measured | reached |\n|---|---|---|---|---|")
    for target in targets():
        say(target.row(results))
    return all(target.goal.met(results) for target in targets())


def _turns(goal: Goal) -> Iterator[tuple[str, str]]:
    if goal.system == DECISION:
        return
    if goal.figure.startswith("added."):
        yield goal.scenario, DIRECT
    for system in (goal.other, goal.system):
        if system:
            yield goal.scenario, system
