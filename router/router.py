"""Router.decide(): content in, an explained decision out. Pure and deterministic; the fleet's state is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from router.asker import NOBODY, Asker
from router.capability import NO_NEEDS, Needs
from router.clearance import NOWHERE, Clearance
from router.content import Content
from router.decision import Decision, Reason
from router.difficulty.estimate import Difficulty
from router.facts import Facts
from router.fleet import Fleet
from router.masking.masker import UnmaskableError
from router.masking.proof import MaskedBody, masked_body
from router.occasion import NO_OCCASION, Occasion
from router.policy import DEFAULT_POLICY, Policy, Verdict, judge
from router.routing_rules import first_match
from router.sensitivity.finding import Finding, Scan
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from router.settling import Settling
from router.strategy import RoutePlan, order

_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much


class Scans(Protocol):
    def scan(self, content: Content, settles: Settles = NOTHING_SETTLES) -> Scan: ...


class Estimates(Protocol):
    def estimate(self, content: Content) -> Difficulty: ...


@dataclass(frozen=True, slots=True)
class Label:
    """A clearance that somebody other than the scanner asks for: the key, the caller, the route, a document."""

    source: str
    clearance: Clearance


@dataclass(frozen=True, slots=True)
class Router:
    """`heads`: what estimates difficulty for a small deployment, by its name. `difficulty` does for all others."""

    scanner: Scans
    difficulty: Estimates
    policies: tuple[Policy, ...] = (DEFAULT_POLICY,)
    heads: Mapping[str, Estimates] = field(default_factory=dict)
    _settling: Settling = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_settling", Settling(self.policies))

    def decide(
        self,
        route: RoutePlan,
        content: Content,
        fleet: Fleet,
        *,
        body: Mapping[str, object] | None = None,
        labels: Sequence[Label] = (),
        needs: Needs = NO_NEEDS,
        asker: Asker = NOBODY,
        occasion: Occasion = NO_OCCASION,
        everything: bool = False,
        threshold: float | None = None,
    ) -> Decision:
        """Where the content may go, in which order, and why. Never raises for any content.

        First clearance, then the route's rules, then its specialists, then difficulty; then the order of those that may
        be asked. `body` is what `content` is of; without it nothing can be masked. The content is read until enough is
        found that settles how far it may travel; with `everything`, to its end. `threshold` is this request's, in place
        of the route's.
        """
        settles = self._settling.of(route, asker)
        # Who asks for masks without saying of what means of everything that there is.
        if everything or route.clearance.masked or (labels and any(label.clearance.masked for label in labels)):
            settles = NOTHING_SETTLES
        scan = self.scanner.scan(content, settles)
        verdict = self._judged(route, content, scan, labels, asker)
        clearance, reasons, masked, rulings = verdict
        if reasons and reasons[0].code == "blocked":
            return Decision(route.name, NOWHERE, None, (), reasons, scan.findings, masked, rulings, more=scan.more)
        masking: MaskedBody | None = None
        if clearance.masked and not clearance.is_local:
            masking, why = self._masking(route, content, body, verdict, labels, asker)
            reasons += why
        lead = first_match(route.rules, Facts(content, asker, occasion, needs, body)) if route.rules else None
        if lead is None and route.specialists is not None:
            lead = route.specialists.claim(content)
        difficulty, head = None, ""
        if route.asks_difficulty and (lead is None or lead.rest is None):
            head = self.head_of(route)
            difficulty = (self.heads[head] if head else self.difficulty).estimate(content)
        candidates, choice = order(
            route, clearance, difficulty, fleet, needs, masked=masking is not None, lead=lead, threshold=threshold
        )
        probability = None if difficulty is None else difficulty.probability
        first = lead.first[0] if lead is not None and len(lead.first) == 1 else ""
        return _new(
            Decision,
            (
                route.name,
                clearance,
                probability,
                candidates,
                reasons + choice,
                scan.findings,
                masked,
                rulings,
                masking,
                scan.more,
                head,
                first,
            ),
        )

    def masking(
        self,
        route: RoutePlan,
        content: Content,
        body: Mapping[str, object],
        *,
        labels: Sequence[Label] = (),
        asker: Asker = NOBODY,
    ) -> MaskedBody | None:
        """What a decision on this content would give to deployments that may see it only masked; None for nothing."""
        verdict = self._judged(route, content, self.scanner.scan(content), labels, asker)
        if not verdict.clearance.masked or verdict.clearance.is_local:
            return None
        return self._masking(route, content, body, verdict, labels, asker)[0]

    def head_of(self, route: RoutePlan) -> str:
        """The first small deployment of the route that has a head; empty: none has. Small models differ more than
        prompts do, and this is the one that an easy request will be answered by."""
        if self.heads:
            for name in route.small:
                if name in self.heads:
                    return name
        return ""

    def judge(self, content: Content, scan: Scan, route: RoutePlan | None = None, asker: Asker = NOBODY) -> Verdict:
        """What all policies together make of the content: the router's, the route's and the asker's."""
        policies = self.policies
        if route is None:
            return judge((*policies, *asker.policies), content, scan, "", asker)
        if route.policies or asker.policies:
            policies = (*policies, *route.policies, *asker.policies)
        return judge(policies, content, scan, route.name, asker, route.readable)

    def _judged(self, route: RoutePlan, content: Content, scan: Scan, labels: Sequence[Label], asker: Asker) -> Verdict:
        """What policies and labels together make of the content. Where a policy blocks it, labels change nothing."""
        verdict = self.judge(content, scan, route, asker)
        if not labels and route.clearance.is_any:
            return verdict
        if verdict.reasons and verdict.reasons[0].code == "blocked":
            return verdict
        asked = (Label("route", route.clearance), *labels)
        clearance, labelled = _narrow(verdict.clearance, asked)
        masked = verdict.masked
        if scan.findings and any(label.clearance.masked for label in asked):
            masked = scan.findings  # whoever asks for masks without saying of what means of everything
        return Verdict(clearance, verdict.reasons + labelled, masked, verdict.rulings)

    def _masking(
        self,
        route: RoutePlan,
        content: Content,
        body: Mapping[str, object] | None,
        verdict: Verdict,
        labels: Sequence[Label],
        asker: Asker,
    ) -> tuple[MaskedBody | None, tuple[Reason, ...]]:
        """The body for deployments outside, or None, and what the decision says of it."""

        def judge(content: Content, scan: Scan) -> tuple[Clearance, Sequence[Finding]]:
            now = self._judged(route, content, scan, labels, asker)
            return now.clearance, now.masked

        try:
            if route.purpose:  # a vector of placeholders is like any other, and a verdict on them says nothing
                raise UnmaskableError(route.purpose)
            if body is None:
                raise UnmaskableError("body")
            masking = masked_body(body, content, verdict.masked, verdict.clearance, self.scanner.scan, judge)
        except UnmaskableError as error:
            return None, (Reason("unmaskable", error.why),)
        return masking, (Reason("masked", masking.counts),) if masking.types else ()


def _narrow(clearance: Clearance, labels: Iterable[Label]) -> tuple[Clearance, tuple[Reason, ...]]:
    reasons = []
    for label in labels:
        if not label.clearance.is_any:
            narrowed = clearance.join(label.clearance)
            if narrowed != clearance:
                reasons.append(Reason("label", f"{label.source}:{label.clearance}"))
            clearance = narrowed
    return clearance, tuple(reasons)
