"""A figure of the cascade would be missing among those that have a goal."""

from __future__ import annotations

from bench.routing import cascade
from bench.routing.lines import LINES


def test_it_is_one_of_the_lines() -> None:
    assert cascade.lines in LINES
