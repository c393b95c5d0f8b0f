"""Cascade: what a look at the small model's answer gains over the prompt alone, on recorded answers of two models."""

from __future__ import annotations

from collections.abc import Iterator

from bench.cascade import headline
from bench.routing.data import Data
from bench.routing.goal import Goal, Line

_GOAL = Goal("cascade over prompt alone, same cost", 0.05, 0.10)


def lines(_: Data) -> Iterator[Line]:
    for cost in (0.1, 0.0):
        yield Line(_GOAL, f"recorded, a small call costs {cost:g}", headline(small_cost=cost))
