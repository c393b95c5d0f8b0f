"""A goal that is missed is not called met, and one that the interval reaches is."""

from __future__ import annotations

import pytest

from bench.routing.goal import HEAD, Goal, Line, plain
from router.difficulty.evaluation import Interval

FLOOR, CEILING = Goal("APGR", 0.54, 0.58), Goal("ECE", 0.05, 0.03, at_most=True)


@pytest.mark.parametrize(
    ("goal", "found", "verdict"),
    [
        (FLOOR, Interval(0.50, 0.47, 0.53), "missed"),
        (FLOOR, Interval(0.53, 0.51, 0.55), "must"),
        (FLOOR, Interval(0.57, 0.55, 0.59), "aim"),
        (CEILING, Interval(0.09, 0.06, 0.12), "missed"),
        (CEILING, Interval(0.06, 0.04, 0.08), "must"),
        (CEILING, Interval(0.04, 0.02, 0.06), "aim"),
        (FLOOR, Interval(None, None, None), "-"),
        (CEILING, plain(0.04), "must"),
    ],
)
def test_what_the_interval_reaches_is_met(goal: Goal, found: Interval, verdict: str) -> None:
    assert goal.verdict(found) == verdict
    assert str(Line(goal, "rows", found)).endswith(verdict)


def test_a_line_stands_under_its_head() -> None:
    line = str(Line(FLOOR, "MMLU-Pro, left out", plain(0.6)))
    assert line.index(">=0.54") + len(">=0.54") == HEAD.index("must") + len("must")
    assert line.index("aim") == HEAD.index("met")
