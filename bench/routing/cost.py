"""Cost: CPU of an estimate as it is served, over prompts that are all different (`bench/decision.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from bench.decision import measure
from bench.routing.data import Data
from bench.routing.goal import Goal, Line, plain

_ROUNDS = 3  # the least of which counts: other processes only add
_GOALS = {"tokens200": (200, 0.2, 0.05), "tokens2000": (2000, 0.6, 0.2)}


def lines(_: Data) -> Iterator[Line]:
    rounds = [measure() for _ in range(_ROUNDS)]
    for name, (tokens, must, aim) in _GOALS.items():
        for figure in ("p50", "p99"):
            least = min(each[name][f"difficulty.{figure}"] for each in rounds)
            goal = Goal(f"difficulty alone, CPU ms, {figure}", must, aim, at_most=True)
            yield Line(goal, f"{tokens:,} tokens, after a scan", plain(least))
