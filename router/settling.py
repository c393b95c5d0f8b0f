"""Settling: which findings settle a decision, by the policies in force.

A finding settles if it alone narrows the clearance as far as findings of any kind could, and a detector that fails.
Whatever else a text holds then changes nothing but counts. Where a rule masks or blocks, everything is read: what is
masked, and what a refusal tells, depends on every finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from router.asker import NOBODY, Asker
from router.clearance import ANY, LOCAL, Clearance
from router.policy import Policy
from router.rule import ANY_TYPE
from router.sensitivity.finding import Finding
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from router.strategy import RoutePlan

_MOST = 1_024  # combinations that are remembered

_Combination = tuple[tuple[Policy, ...], str, Asker]
_Steps = list[tuple[float, Clearance]]
"""How far findings of a type may travel, from a confidence on up to the next."""


class Settling:
    """What settles by the router's policies and those of a route and an asker; worked out once a combination."""

    __slots__ = ("_known", "_policies", "_scoped", "_usual")

    def __init__(self, policies: tuple[Policy, ...]) -> None:
        self._policies = policies
        self._scoped = any(policy.scoped for policy in policies)
        self._usual = NOTHING_SETTLES if self._scoped else settles(policies)
        self._known: dict[_Combination, Settles] = {}

    def of(self, route: RoutePlan, asker: Asker) -> Settles:
        if not route.policies and not asker.policies and not self._scoped:
            return self._usual
        further = route.policies + asker.policies
        combination: _Combination = (further, "", NOBODY)
        if self._scoped or any(policy.scoped for policy in further):
            combination = (further, route.name, asker)
        known = self._known.get(combination)
        if known is None:
            known = settles(self._policies + further, route.name, asker)
            if len(self._known) >= _MOST:  # labels come from callers
                self._known.clear()
            self._known[combination] = known
        return known


def settles(policies: Sequence[Policy], route: str = "", asker: Asker = NOBODY) -> Settles:
    """Which findings settle by all `policies` together, for a request to `route`."""
    rules = [rule for policy in policies for rule in policy.rules if rule.is_for(route, asker)]
    said = [*(rule.clearance for rule in rules), *(policy.unnamed for policy in policies)]
    if any(clearance.masked or clearance.is_nowhere for clearance in said):
        return NOTHING_SETTLES
    starts = sorted({0.0, *(rule.confidence for rule in rules)})  # no rule tells apart what lies between two of them
    # A type that no rule names is covered by the same rules as one that is called `*`.
    kinds = {ANY_TYPE, *(kind for rule in rules for kind in rule.types)}
    steps = {kind: _steps(kind, starts, policies, route, asker) for kind in kinds}
    strictest = LOCAL
    for mine in steps.values():
        for _, clearance in mine:
            strictest = strictest.join(clearance)
    least = {kind: _least(mine, strictest) for kind, mine in steps.items()}
    others = least.pop(ANY_TYPE)
    if others == inf and all(at == inf for at in least.values()):
        return NOTHING_SETTLES
    return Settles(least, others)


def _steps(kind: str, starts: Sequence[float], policies: Sequence[Policy], route: str, asker: Asker) -> _Steps:
    steps: _Steps = []
    for confidence in starts:
        finding, needed = Finding(0, 0, 1, kind, confidence), ANY
        for policy in policies:
            for _, clearance in policy.rulings_on(finding, route, asker):
                needed = needed.join(clearance)
        steps.append((confidence, needed))
    return steps


def _least(steps: _Steps, strictest: Clearance) -> float:
    """The confidence from which on every finding is held as strictly as any."""
    least = inf
    for confidence, needed in reversed(steps):
        if needed != strictest:
            break
        least = confidence
    return least
