"""Goals: what must hold for a run to pass, such as `ours/starlette-aiohttp:c64:cpu_per_1k<=1.2`.

With two systems it is about the ratio of their figures (median of the rounds), with one about the figure itself.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass

from bench.load.results import Results, Spread, number, spread

_FORM = re.compile(
    r"(?P<system>[\w-]+)(?:/(?P<other>[\w-]+))?:(?P<scenario>\w+):(?P<figure>[\w.]+)(?P<sign><=|>=)"
    r"(?P<bound>[0-9.]+)(?:/(?P<by>[0-9.]+))?"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """`other` is empty where the figure itself is meant. `at_most`: the bound is an upper one."""

    system: str
    other: str
    scenario: str
    figure: str
    at_most: bool
    bound: float

    def __str__(self) -> str:
        pair = f"{self.system}/{self.other}" if self.other else self.system
        return f"{pair}:{self.scenario}:{self.figure}{'<=' if self.at_most else '>='}{self.bound:g}"

    def measured(self, results: Results) -> Spread | None:
        """`None` where one of the systems was not there, or never answered."""
        if self.other:
            return spread(results.ratios(self.system, self.other, self.scenario, self.figure))
        return spread(results.series(self.system, self.scenario, self.figure))

    def met(self, results: Results) -> bool:
        """What was not measured is not met."""
        found = self.measured(results)
        if found is None:
            return False
        return found.median <= self.bound if self.at_most else found.median >= self.bound

    def verdict(self, results: Results) -> str:
        found = self.measured(results)
        shown = found.show(number) if found else "not measured"
        return f"{'PASS' if self.met(results) else 'FAIL'} {self}  got {shown}"


def goal(text: str) -> Goal:
    """Reads one; a bound may be a fraction (`<=1/40`). Raises `argparse.ArgumentTypeError`."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form A/B:SCENARIO:FIGURE<=X")
    try:
        bound = float(found["bound"]) / float(found["by"] or 1)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r}: the bound is not a number") from None
    return Goal(found["system"], found["other"] or "", found["scenario"], found["figure"], found["sign"] == "<=", bound)
