"""A rule of a policy: what is found, who asks and what it was labelled → how far the content may then travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from router.asker import Asker
from router.clearance import LOCAL, Clearance
from router.sensitivity.finding import Finding

ANY_TYPE: Final = "*"
_ANYONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests a rule is for. Each set names some; an empty one stands for all. Of `labels` one is enough."""

    labels: frozenset[str] = _ANYONE
    routes: frozenset[str] = _ANYONE
    keys: frozenset[str] = _ANYONE
    teams: frozenset[str] = _ANYONE
    regions: frozenset[str] = _ANYONE

    def covers(self, route: str, asker: Asker) -> bool:
        return (
            (not self.routes or route in self.routes)
            and (not self.keys or asker.key in self.keys)
            and (not self.teams or asker.team in self.teams)
            and (not self.regions or asker.region in self.regions)
            and (not self.labels or not self.labels.isdisjoint(asker.labels))
        )


EVERYBODY: Final = Scope()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of one of `types` (or `*`) with at least `confidence` (0..1) means for the clearance.

    With `whole` it holds for every request of its scope, whatever is found or not. A clearance of no zone at all blocks
    the request. `name` says where the rule is written.
    """

    types: frozenset[str] = frozenset({ANY_TYPE})
    confidence: float = 0.0
    clearance: Clearance = LOCAL
    scope: Scope = EVERYBODY
    whole: bool = False
    name: str = "default"

    def covers(self, finding: Finding) -> bool:
        return ANY_TYPE in self.types or finding.type in self.types

    def is_for(self, route: str, asker: Asker) -> bool:
        return self.scope.covers(route, asker)

    @property
    def blocks(self) -> bool:
        return self.clearance.is_nowhere

    @property
    def excuses_doubt(self) -> bool:
        """Whether a finding too weak for this rule does not count. Leave and refusal are exceptions from what holds
        else: a weaker finding is no more harmless for them."""
        return not self.blocks and not self.clearance.is_any
