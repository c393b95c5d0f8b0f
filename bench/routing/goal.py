"""Goals: what is measured, what it must be and what it should be."""

from __future__ import annotations

from typing import NamedTuple

from router.difficulty.evaluation import Interval

_WHAT, _ON = 38, 46
HEAD = f"{'what':<{_WHAT}}{'measured on':<{_ON}}{'must':>8}{'aim':>8}  {'measured  [95 %]':<24}met"


class Goal(NamedTuple):
    """`at_most`: both are ceilings."""

    what: str
    must: float
    aim: float
    at_most: bool = False

    def verdict(self, found: Interval) -> str:
        """Which of the two the interval reaches."""
        if found.value is None or found.low is None or found.high is None:
            return "-"
        best, sign = (found.low, -1) if self.at_most else (found.high, 1)
        if sign * best >= sign * self.aim:
            return "aim"
        return "must" if sign * best >= sign * self.must else "missed"


class Line(NamedTuple):
    """A goal, what it was measured on, and the figure."""

    goal: Goal
    on: str
    found: Interval

    def __str__(self) -> str:
        sign, goal = "<=" if self.goal.at_most else ">=", self.goal
        goals = f"{sign + f'{goal.must:g}':>8}{sign + f'{goal.aim:g}':>8}"
        return f"{goal.what:<{_WHAT}}{self.on:<{_ON}}{goals}  {self.found!s:<24}{goal.verdict(self.found)}"


def plain(value: float) -> Interval:
    """A figure that has no interval."""
    return Interval(value, value, value)
