"""Router.decide(): content in, an explained decision out. Pure and deterministic; the fleet's state is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from router.capability import NO_NEEDS, Needs
from router.clearance import Clearance
from router.content import Content
from router.decision import Decision, Reason
from router.difficulty.estimate import Difficulty
from router.fleet import Fleet
from router.policy import DEFAULT_POLICY, Policy
from router.sensitivity.finding import Scan
from router.strategy import RoutePlan, order


class Scans(Protocol):
    def scan(self, content: Content) -> Scan: ...


class Estimates(Protocol):
    def estimate(self, content: Content) -> Difficulty: ...


@dataclass(frozen=True, slots=True)
class Label:
    """A clearance that somebody other than the scanner asks for: the key, the caller, the route, a document."""

    source: str
    clearance: Clearance


@dataclass(frozen=True, slots=True)
class Router:
    scanner: Scans
    difficulty: Estimates
    policy: Policy = DEFAULT_POLICY

    def decide(
        self,
        route: RoutePlan,
        content: Content,
        fleet: Fleet,
        *,
        labels: Sequence[Label] = (),
        needs: Needs = NO_NEEDS,
    ) -> Decision:
        """Where the content may go, in which order, and why. Never raises for any content."""
        scan = self.scanner.scan(content)
        clearance, reasons, masked = self.policy.judge(content, scan)
        labelled: tuple[Reason, ...] = ()
        if labels or not route.clearance.is_any:
            asked = (Label("route", route.clearance), *labels)
            clearance, labelled = _narrow(clearance, asked)
            if scan.findings and any(label.clearance.masked for label in asked):
                masked = scan.findings  # whoever asks for masks without saying of what means of everything
        difficulty = self.difficulty.estimate(content) if route.asks_difficulty else None
        candidates, choice = order(route, clearance, difficulty, fleet, needs)
        return Decision(
            route.name,
            clearance,
            None if difficulty is None else difficulty.probability,
            candidates,
            reasons + labelled + choice,
            scan.findings,
            masked,
        )


def _narrow(clearance: Clearance, labels: Iterable[Label]) -> tuple[Clearance, tuple[Reason, ...]]:
    reasons = []
    for label in labels:
        if not label.clearance.is_any:
            narrowed = clearance.join(label.clearance)
            if narrowed != clearance:
                reasons.append(Reason("label", f"{label.source}:{label.clearance}"))
            clearance = narrowed
    return clearance, tuple(reasons)
