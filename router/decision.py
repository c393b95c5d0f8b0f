"""The decision: route + clearance + difficulty → ordered deployments, with the reasons that led there."""

from __future__ import annotations

from typing import Final, NamedTuple

from router.clearance import Clearance
from router.masking.proof import MaskedBody
from router.sensitivity.finding import Finding

LOCALITY_CODES: Final = frozenset({"blocked", "sensitive", "policy", "unreadable", "detector-failure", "label"})


class Reason(NamedTuple):
    """`code` is one of a fixed set (safe as a metric label); `detail` is for people and never holds content."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}({self.detail})" if self.detail else self.code


class Ruling(NamedTuple):
    """What one rule said: how far things may travel by it, and of how many findings of each type it said so.

    `rule` says where the rule is written. With `is_whole` it said so of the request, whatever was found.
    """

    rule: str
    clearance: Clearance
    counts: tuple[tuple[str, int], ...] = ()
    is_whole: bool = False


class Decision(NamedTuple):
    """Where a request may go, in which order, and why."""

    route: str
    clearance: Clearance
    difficulty: float | None  # calibrated P(the small model is not good enough); None: not asked
    candidates: tuple[str, ...]  # names of deployments, best first; empty: nowhere it may go is up
    reasons: tuple[Reason, ...]  # in the order in which they narrowed the choice
    findings: tuple[Finding, ...]
    masked: tuple[Finding, ...] = ()  # those of `findings` that may go outside `local` only as placeholders
    rulings: tuple[Ruling, ...] = ()  # of all rules that had a say, those of the whole request first
    masking: MaskedBody | None = None  # what those deployments get that may see the content only masked
    more: bool = False  # the scan looked no further: `findings` are at least so many, and `rulings` are on them
    head: str = ""  # the deployment whose head estimated the difficulty; empty: the shipped model, or not asked
    lead: str = ""  # the deployment that a rule or a specialist wants first; empty: none

    @property
    def is_blocked(self) -> bool:
        """A rule wants such a request refused: nobody may see it, `candidates` is empty."""
        return bool(self.reasons) and self.reasons[0].code == "blocked"

    @property
    def reason(self) -> str:
        """The code that decided: what bounded the clearance if anything did, else the last that narrowed the choice."""
        if not self.reasons:
            return "default"
        first = self.reasons[0].code
        return first if first in LOCALITY_CODES else self.reasons[-1].code
