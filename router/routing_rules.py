"""Routing rules: a route's own list of what goes where, decided before anybody asks how hard the prompt is.

Not to be mixed up with the rules of a policy (`rule.py`), which say how far content may travel. These only say which of
the deployments that may see it is tried first: they cannot widen a clearance, and have no say in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.asker import Asker
from router.conditions import Condition, KeyIs, Tagged, TeamIs
from router.facts import Facts
from router.lead import Lead


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """All of `conditions` have to hold; of none, it is for every request."""

    name: str
    conditions: tuple[Condition, ...]
    lead: Lead

    def missed(self, facts: Facts) -> str:
        """The name of the first condition that does not hold; empty where the rule is for this request."""
        for condition in self.conditions:
            if not condition.holds(facts):
                return condition.name
        return ""

    def includes(self, other: RoutingRule) -> bool:
        """Whether it is for every request that the other one is for, so that one after it would never be reached."""
        return all(any(own.includes(its) for its in other.conditions) for own in self.conditions)


def told(rules: Sequence[RoutingRule], asker: Asker, tags: frozenset[str]) -> list[str]:
    """What these rules ask for that does not stand in the body: who asks, and the tags that one of them names."""
    key = team = ""
    wanted: frozenset[str] = frozenset()
    for rule in rules:
        for condition in rule.conditions:
            if isinstance(condition, KeyIs) and asker.key in condition.values:
                key = asker.key
            elif isinstance(condition, TeamIs) and asker.team in condition.values:
                team = asker.team
            elif isinstance(condition, Tagged):
                wanted |= condition.values & tags
    return [f"key={key}", f"team={team}", *[f"tag={tag}" for tag in sorted(wanted)]]


def first_match(rules: Sequence[RoutingRule], facts: Facts) -> Lead | None:
    """What the first rule for this request says."""
    for rule in rules:
        if not rule.missed(facts):
            return rule.lead
    return None
