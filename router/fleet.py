"""The fleet as the router sees it: which deployments there are, where each runs, what it can, and whether it is up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from router.capability import LACKS_NOTHING


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment, seen at one moment. `up` is false while its breaker is open or its probe fails.

    `lacks` are the capabilities that it does not have.
    """

    name: str
    zone: str
    up: bool = True
    lacks: frozenset[str] = LACKS_NOTHING


Fleet = Mapping[str, Candidate]
