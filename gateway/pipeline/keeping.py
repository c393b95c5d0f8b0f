"""Keeping: which answers may be given again to others who ask the same, and which of them are sensitive."""

from __future__ import annotations

from collections.abc import Container

from gateway.pipeline.exchange import Exchange
from router.decision import Decision
from router.strategy import RoutePlan

_ESCALATED = "escalated"


def class_kept(exchange: Exchange, answered: str, awake: Container[str], *, looked_at: bool) -> str | None:
    """The class that was chosen, and that the deployment is of which answered; None where that only stood in for
    another, which was down or for which there was no money. `awake` are the deployments that there are; `looked_at`: a
    cascade found the answer good enough, whichever class was chosen.
    """
    decision, route = exchange.decision, exchange.route
    if decision is None or not decision.candidates:
        return None
    if looked_at or any(reason.code == _ESCALATED for reason in decision.reasons):
        return _class_of(route, answered)
    chosen = decision.candidates[0]
    if any(_stands_in(route, reason.code, awake) for reason in decision.reasons):
        return None
    of = _class_of(route, chosen)
    return of if of == _class_of(route, answered) else None


def is_sensitive(decision: Decision, *, masked: bool) -> bool:
    """Whether an answer is for few eyes: it was to content that may not go everywhere, or in which something was found.
    Of a masked one only placeholders are kept, and those may go where masked content may.
    """
    clearance = decision.clearance
    if masked:
        return clearance.zones is not None
    return not clearance.is_any or bool(decision.findings)


def _stands_in(route: RoutePlan, code: str, awake: Container[str]) -> bool:
    """Whether a reason says that another deployment would have been asked. A class that has none at all is missed by
    nobody; and what a dial keeps at home is decided.
    """
    match code:
        case "small-unavailable":
            return any(name in awake for name in route.small)
        case "large-unavailable":
            return any(name in awake for name in route.large)
        case "deployment-unavailable":
            return True
    return False


def _class_of(route: RoutePlan, name: str) -> str:
    """A deployment that is of both classes, or of neither, is one of its own."""
    small, large = name in route.small, name in route.large
    if small == large:
        return name
    return "small" if small else "large"
