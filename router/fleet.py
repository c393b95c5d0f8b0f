"""The fleet as the router sees it: which deployments there are, where each runs, what it can, and whether it is up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment, seen at one moment. `up` is false while its breaker is open or its probe fails."""

    name: str
    zone: str
    up: bool = True
    tools: bool = True
    vision: bool = True


Fleet = Mapping[str, Candidate]
