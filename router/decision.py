"""The decision: route + clearance + difficulty → ordered deployments, with the reasons that led there."""

from __future__ import annotations

from typing import NamedTuple

from router.clearance import Clearance
from router.masking.proof import MaskedBody
from router.sensitivity.finding import Finding

LOCALITY_CODES = frozenset({"sensitive", "unreadable", "detector-failure", "label"})


class Reason(NamedTuple):
    """`code` is one of a fixed set (safe as a metric label); `detail` is for people and never holds content."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}({self.detail})" if self.detail else self.code


class Decision(NamedTuple):
    """Where a request may go, in which order, and why."""

    route: str
    clearance: Clearance
    difficulty: float | None  # calibrated P(the small model is not good enough); None: not asked
    candidates: tuple[str, ...]  # names of deployments, best first; empty: nowhere it may go is up
    reasons: tuple[Reason, ...]  # in the order in which they narrowed the choice
    findings: tuple[Finding, ...]
    masked: tuple[Finding, ...] = ()  # those of `findings` that may go outside `local` only as placeholders
    masking: MaskedBody | None = None  # what those deployments get that may see the content only masked

    @property
    def reason(self) -> str:
        """The code that decided: what bounded the clearance if anything did, else the last that narrowed the choice."""
        if not self.reasons:
            return "default"
        first = self.reasons[0].code
        return first if first in LOCALITY_CODES else self.reasons[-1].code
