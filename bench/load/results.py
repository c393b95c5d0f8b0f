"""The figures of a run: by system, scenario and round. Ratios are formed round by round, then summarised."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Figures = Mapping[str, float]
DIRECT = "direct"
_ADDED = "added."


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, with the least and the largest."""

    median: float
    least: float
    most: float
    rounds: int

    def show(self, form: Callable[[float], str]) -> str:
        if self.rounds == 1:
            return form(self.median)
        return f"{form(self.median)} ({form(self.least)}..{form(self.most)})"


def spread(values: Mapping[int, float]) -> Spread | None:
    """Over all rounds; `None` without any."""
    if not values:
        return None
    every = list(values.values())
    return Spread(statistics.median(every), min(every), max(every), len(every))


def number(value: float) -> str:
    """With three digits that count, and no power of ten."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:#.3g}" if abs(value) >= 1e-4 else f"{value:.7f}"


@dataclass(frozen=True, slots=True)
class Results:
    """`turns`: system → scenario → round → figure → value. `kinds`: of each system. `absent`: why it is not there."""

    turns: dict[str, dict[str, dict[int, dict[str, float]]]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def add(self, system: str, scenario: str, turn: int, figures: Figures) -> None:
        self.turns.setdefault(system, {}).setdefault(scenario, {})[turn] = dict(figures)

    def scenarios(self) -> list[str]:
        """In the order in which they were first run."""
        return list(dict.fromkeys(name for found in self.turns.values() for name in found))

    def series(self, system: str, scenario: str, figure: str) -> dict[int, float]:
        """Round → value. `added.FIGURE` is what a system adds to that figure of the bare upstream in that round."""
        if figure.startswith(_ADDED):
            bare = self.series(DIRECT, scenario, figure.removeprefix(_ADDED))
            own = self.series(system, scenario, figure.removeprefix(_ADDED))
            return {turn: own[turn] - bare[turn] for turn in own if turn in bare}
        rounds = self.turns.get(system, {}).get(scenario, {})
        return {turn: figures[figure] for turn, figures in rounds.items() if figure in figures}

    def ratios(self, system: str, other: str, scenario: str, figure: str) -> dict[int, float]:
        """Round → value of a system by that of another one in the same round."""
        own = self.series(system, scenario, figure)
        base = self.series(other, scenario, figure)
        return {turn: own[turn] / base[turn] for turn in own if base.get(turn, 0.0) > 0}
