"""Lines: what `make bench-routing` prints. A further figure is one more function here, of a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.routing import cascade, cost, deployments, dial, in_domain, left_out
from bench.routing.data import Data
from bench.routing.goal import Line

LINES: tuple[Callable[[Data], Iterator[Line]], ...] = (
    left_out.lines,
    in_domain.lines,
    in_domain.calibration,
    dial.lines,
    cascade.lines,
    cost.lines,
)
"""Figures that have a goal."""

DETAILS: tuple[Callable[[Data], Iterator[str]], ...] = (
    left_out.details,
    in_domain.details,
    deployments.details,
)
"""What else is worth knowing, as tables."""
