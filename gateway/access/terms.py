"""Terms: what a key or a team that is made at run time is good for. The same as in the configuration, less what has to
be read together with the rest of the file: policies.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

import msgspec

from gateway.config.access import KeyPriority, Role
from gateway.config.plain import encoded
from gateway.config.quota import NO_LIMITS, Budget, Limits, rolled
from gateway.config.settings import Key, Team
from gateway.config.strict import Strict
from gateway.config.timezone import zone_of
from router.clearance import Clearance


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms(Strict):
    """What a key is good for."""

    owner: str | None = None
    """Who answers for it: a person, an address, a ticket."""
    team: str | None = None
    """The team that it belongs to."""
    routes: tuple[str, ...] | None = None
    """Which routes it may ask for; left out or null: all."""
    role: Role = "caller"
    """What else it is good for: a `viewer` sees reports and budgets, an `auditor` also keys and who changed them,
    an `admin` may change all of it. Of these, `caller` and `admin` may ask models."""
    tags: tuple[str, ...] = ()
    """Tags that all of its requests have, besides those they bring."""
    locality: str = "any"
    """The widest clearance of anything this key asks."""
    region: str | None = None
    """Where those who use it are; left out: as its team, or the file."""
    limits: Limits = NO_LIMITS
    """How much may be asked with it."""
    budgets: dict[str, Budget] = field(default_factory=dict)
    """What may be spent with it, by a name of your choice."""
    priority: KeyPriority = "normal"
    """Whose requests are turned away first when there is more to do than can be done: those of `low` keys."""

    def as_key(self, name: str) -> Key:
        """As if it stood in the configuration."""
        return Key(
            name=name,
            team=self.team,
            routes=self.routes,
            role=self.role,
            tags=self.tags,
            locality=self.locality,
            region=self.region,
            limits=self.limits,
            priority=self.priority,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamTerms(Strict):
    """What the keys of a team have in common."""

    locality: str = "any"
    """The widest clearance of anything that they ask."""
    region: str | None = None
    """Where the team is; left out: as the file."""
    limits: Limits = NO_LIMITS
    """How much may be asked with them, all together."""
    budgets: dict[str, Budget] = field(default_factory=dict)
    """What may be spent with them, all together."""

    def as_team(self) -> Team:
        return Team(locality=self.locality, region=self.region, limits=self.limits)


Terms = TypeVar("Terms", KeyTerms, TeamTerms)


def terms_in(wider: object, kind: type[Terms]) -> Terms:
    """Those of something that has them among others; what it has not is as if left out."""
    return kind(**{own.name: getattr(wider, own.name) for own in fields(kind) if hasattr(wider, own.name)})


def written(terms: KeyTerms | TeamTerms) -> str:
    """As they stand in a database."""
    return encoded(terms).decode()


def read(text: str, kind: type[Terms]) -> Terms:
    """The inverse. Raises `ValueError` for terms of a later release, or of another machine: what is not known here may
    narrow them."""
    terms = msgspec.json.decode(text, type=kind)
    Clearance.parse(terms.locality)
    for budget in terms.budgets.values():
        if budget.timezone is not None:
            zone_of(budget.timezone)
        if budget.rolling is not None:
            rolled(budget.rolling)
    if not _is_in(msgspec.json.decode(text), msgspec.json.decode(written(terms))):
        raise ValueError("terms that this release does not know")
    return terms


def _is_in(said: object, known: object) -> bool:
    """Whether all that is said has a name here too, however deep it stands."""
    if not isinstance(said, dict):
        return True
    return isinstance(known, dict) and all(name in known and _is_in(said[name], known[name]) for name in said)
