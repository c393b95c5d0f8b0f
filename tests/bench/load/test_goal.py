"""A goal that is read wrongly lets a slower gateway pass."""

from __future__ import annotations

import argparse

import pytest

from bench.load.goal import goal
from bench.load.results import Results


def results() -> Results:
    found = Results()
    for turn, ours, base in ((1, 1.0, 1.0), (2, 3.0, 2.0), (3, 9.0, 3.0)):
        found.add("ours", "c64", turn, {"cpu_per_1k": ours})
        found.add("starlette-aiohttp", "c64", turn, {"cpu_per_1k": base})
    return found


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("ours/starlette-aiohttp:c64:cpu_per_1k<=1.5", True),  # the median of 1, 1.5 and 3
        ("ours/starlette-aiohttp:c64:cpu_per_1k<=1.49", False),
        ("ours/starlette-aiohttp:c64:cpu_per_1k>=1.5", True),
        ("ours/starlette-aiohttp:c64:cpu_per_1k>=1.51", False),
        ("ours:c64:cpu_per_1k<=3", True),
        ("ours:c64:cpu_per_1k<=2.9", False),
        ("ours/starlette-aiohttp:c64:cpu_per_1k<=3/2", True),
        ("ours/starlette-aiohttp:c64:cpu_per_1k<=1/40", False),
    ],
)
def test_the_median_decides(text: str, met: bool) -> None:
    assert goal(text).met(results()) is met
    assert goal(text).verdict(results()).startswith("PASS" if met else "FAIL")


@pytest.mark.parametrize("text", ["ours/absent:c64:cpu_per_1k<=100", "ours:c1:p50<=100", "absent:c64:p50>=0"])
def test_what_was_not_measured_is_not_met(text: str) -> None:
    assert not goal(text).met(results())
    assert "not measured" in goal(text).verdict(results())


@pytest.mark.parametrize(
    "text", ["", "ours:c64<=1", "ours:c64:cpu<1", "a/b/c:c64:cpu<=1", "a:b:c<=1.2.3", "a:b:c<=1/0"]
)
def test_what_is_no_goal_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        goal(text)


def test_a_goal_reads_as_it_was_written() -> None:
    text = "ours/litellm-tuned:c64:cpu_per_1k<=0.025"
    assert str(goal(text)) == text
