"""Strategy: clearance + difficulty + the route's preference + the fleet → ordered deployments.

Clearance comes first and is never traded: a deployment it forbids is not a candidate, however hard the prompt and
however many others are down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from router.capability import NO_NEEDS, Needs, missing
from router.clearance import ANY, Clearance
from router.decision import Reason
from router.difficulty.estimate import Difficulty
from router.fleet import Candidate, Fleet
from router.lead import Claims, Lead
from router.policy import ALL_STAY, Policy, Readable
from router.ranks import NOBODY
from router.routing_rules import RoutingRule

_LARGE_FIRST: Final = frozenset({"hard", "unsure", "prefer-large"})
_BY_DIFFICULTY: Final = frozenset({"hard", "unsure", "easy", "dial-spent"})


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A route as the router sees it: names of deployments by class, and which class it would rather use.

    `threshold` is the difficulty (0..1) from which `auto` turns to the large class. `clearance` is the widest
    clearance of anything asked of the route. `purpose` names what a plan without classes is for, such as `embeddings`;
    its deployments stand in `small`. `policies` are the route's own, joined to all others; `readable` are kinds of
    parts that may travel unread. `rules` and `specialists` say what goes first, before difficulty is asked.
    """

    name: str
    small: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    prefer: Literal["auto", "small", "large"] = "auto"
    threshold: float = 0.5
    clearance: Clearance = ANY
    purpose: str = ""
    policies: tuple[Policy, ...] = ()
    readable: Readable = ALL_STAY
    rules: tuple[RoutingRule, ...] = ()
    specialists: Claims | None = None

    @property
    def asks_difficulty(self) -> bool:
        """Difficulty is only worth knowing where it can change something."""
        return self.prefer == "auto" and bool(self.small) and bool(self.large)


def order(
    route: RoutePlan,
    clearance: Clearance,
    difficulty: Difficulty | None,
    fleet: Fleet,
    needs: Needs = NO_NEEDS,
    *,
    masked: bool = False,
    lead: Lead | None = None,
    threshold: float | None = None,
) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """The deployments that may be tried, best first, and the reasons for that order. `masked`: outside `local` they are
    given placeholders. `lead`: what a rule or a specialist puts first. `threshold` is in place of the route's.
    """
    if lead is not None and lead.rest is not None:
        preference, first, second, absent = lead.reason, lead.first, lead.rest, lead.absent
        lead = None
    else:
        preference = _preference(route, difficulty, route.threshold if threshold is None else threshold)
        if preference.code in _LARGE_FIRST:
            first, second, absent = route.large, route.small, "large-unavailable"
        else:
            first, second, absent = route.small, route.large, "small-unavailable"
    names = first + second if lead is None else lead.first + first + second
    # A deployment whose breaker is open is tried last, not dropped: it may be the only one that may see the content.
    up: list[str] = []
    down: list[str] = []
    for name in names:
        candidate = fleet.get(name)
        if candidate is None or not clearance.permits(candidate.zone, masked=masked):
            continue
        if needs and not candidate.lacks.isdisjoint(needs):
            continue
        if name not in up and name not in down:
            (up if candidate.up else down).append(name)
    ordered = (*up, *down)
    if lead is not None and ordered and ordered[0] in lead.first:
        return ordered, (lead.reason,)
    if not ordered:
        return (), (preference, _why_none(names, clearance, fleet, needs, masked))
    reasons: tuple[Reason, ...] = (preference,)
    if lead is not None:
        why = _why_not_first(lead.first, clearance, fleet, needs, lead.absent, masked)
        reasons = (lead.reason, why, preference)
    if first and ordered[0] not in first:
        reasons = (*reasons, _why_not_first(first, clearance, fleet, needs, absent, masked))
    return ordered, reasons


def went_large(route: RoutePlan, candidates: tuple[str, ...], reasons: tuple[Reason, ...], fleet: Fleet) -> bool | None:
    """Whether difficulty sent a request to the large class. None where it had no say: only one class could be asked, or
    something else decided.
    """
    if not reasons or reasons[-1].code not in _BY_DIFFICULTY:
        return None  # what kept the preferred class from being asked comes after the preference
    large = reasons[-1].code in _LARGE_FIRST
    for name in candidates:
        if name in (route.small if large else route.large) and fleet[name].up:
            return large
    return None


def _preference(route: RoutePlan, difficulty: Difficulty | None, threshold: float) -> Reason:
    if route.prefer != "auto":
        return Reason(f"prefer-{route.prefer}")
    if not route.large:
        return Reason(route.purpose or "only-small")
    if not route.small:
        return Reason("only-large")
    if threshold >= NOBODY:
        return Reason("dial-spent")
    if difficulty is None or difficulty.abstained:
        return Reason("unsure")  # unlike anything the model was fitted on: the better class
    if difficulty.probability >= threshold:
        return Reason("hard", f"{difficulty.probability:.2f}>={threshold:.2f}")
    return Reason("easy", f"{difficulty.probability:.2f}<{threshold:.2f}")


def _why_none(names: tuple[str, ...], clearance: Clearance, fleet: Fleet, needs: Needs, masked: bool) -> Reason:
    """`capability` where the clearance leaves deployments, but none that can do what is asked."""
    permitted = _permitted(names, clearance, fleet, masked)
    if permitted and needs:
        return Reason("capability", missing(needs, [candidate.lacks for candidate in permitted]))
    return Reason("no-deployment", str(clearance))


def _why_not_first(
    first: tuple[str, ...], clearance: Clearance, fleet: Fleet, needs: Needs, absent: str, masked: bool
) -> Reason:
    permitted = _permitted(first, clearance, fleet, masked)
    if not permitted and any(name in fleet for name in first):
        return Reason("locality", str(clearance))
    if permitted and needs and not any(candidate.lacks.isdisjoint(needs) for candidate in permitted):
        return Reason("capability", missing(needs, [candidate.lacks for candidate in permitted]))
    return Reason(absent)


def _permitted(names: tuple[str, ...], clearance: Clearance, fleet: Fleet, masked: bool) -> list[Candidate]:
    present = [fleet[name] for name in names if name in fleet]
    return [candidate for candidate in present if clearance.permits(candidate.zone, masked=masked)]
