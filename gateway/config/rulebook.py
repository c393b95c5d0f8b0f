"""The rulebook: the policies of a configuration in the router's terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from gateway.config.policy import Policy, PolicyRule, Unreadable
from gateway.config.quota import NO_LIMITS, Limits
from gateway.config.settings import Key, Settings, Team
from router.asker import Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.families import types_of
from router.policy import Policy as Rules
from router.policy import Readable
from router.presets import PRESETS
from router.rule import ANY_TYPE, EVERYBODY, Rule, Scope

_ACTIONS = {"local": LOCAL, "mask": Clearance(None, masked=True), "block": NOWHERE, "allow": ANY}


def clearance_of(rule: PolicyRule) -> Clearance:
    """How far a rule lets content travel. Raises `ValueError` for a clearance that is none."""
    if rule.clearance is not None:
        return Clearance.parse(rule.clearance)
    masked = rule.action == "mask"
    if rule.zones is not None:
        return Clearance(frozenset(rule.zones), masked)
    return _ACTIONS[rule.action or "local"]


def scope_of(rule: PolicyRule) -> Scope:
    return Scope(
        labels=frozenset(label.lower() for label in rule.labels),
        routes=frozenset(rule.routes),
        keys=frozenset(rule.keys),
        teams=frozenset(rule.teams),
        regions=frozenset(rule.regions),
    )


def rules_of(policy: Policy, where: str = "policy") -> Rules:
    """The policy of the file. `where` is its place there, for those who ask which rule decided."""
    return Rules(_rules(policy, where))


def further_rules_of(policy: Policy | None, where: str) -> tuple[Rules, ...]:
    """A policy that is joined to that of the file: what it does not name, it leaves to that one."""
    return () if policy is None else (Rules(_rules(policy, where), unnamed=ANY),)


def readable_of(unreadable: Unreadable) -> Readable:
    """The kinds of parts that may travel unread."""
    kinds = ((kind.name, Clearance.parse(getattr(unreadable, kind.name))) for kind in fields(unreadable))
    return tuple((kind, clearance) for kind, clearance in kinds if clearance != LOCAL)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a configuration's policies have to know of those who ask.

    `labels` are all that a rule is for: others mean nothing here. `looks_at` says which of `key`, `team` and `region`
    make a difference to some policy.
    """

    teams: Mapping[str, Team] = field(default_factory=dict)
    region: str | None = None
    labels: frozenset[str] = frozenset()
    looks_at: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        scopes = [scope_of(rule) for policy in _policies_in(settings) for rule in policy.rules]
        looks_at = {
            "key": any(scope.keys for scope in scopes) or any(key.policy for key in settings.keys),
            "team": any(scope.teams for scope in scopes) or any(team.policy for team in settings.teams.values()),
            "region": any(scope.regions for scope in scopes),
        }
        return cls(
            settings.teams,
            settings.region,
            frozenset().union(*(scope.labels for scope in scopes)),
            frozenset(name for name, matters in looks_at.items() if matters),
        )

    def asker(self, key: Key) -> Asker:
        """Who asks with this key."""
        team = None if key.team is None else self.teams.get(key.team)
        return Asker(
            key=key.name,
            team=key.team or "",
            region=key.region or (team.region if team else None) or self.region or "",
            policies=(
                *further_rules_of(team.policy if team else None, f"teams.{key.team}.policy"),
                *further_rules_of(key.policy, f"keys.{key.name}.policy"),
            ),
        )

    def locality(self, key: Key) -> Clearance:
        """The widest clearance of anything asked with this key: its own and that of its team."""
        clearance = Clearance.parse(key.locality)
        team = None if key.team is None else self.teams.get(key.team)
        return clearance if team is None else clearance.join(Clearance.parse(team.locality))

    def limits_of_team(self, name: str | None) -> Limits:
        team = None if name is None else self.teams.get(name)
        return NO_LIMITS if team is None else team.limits

    def mark(self, asker: Asker) -> str:
        """What policies look at. Of two with different marks, one may be refused what the other was answered."""
        return "\0".join(
            f"{name}={value}"
            for name, value in (("key", asker.key), ("team", asker.team), ("region", asker.region))
            if name in self.looks_at
        )


EMPTY = Rulebook()


def _policies_in(settings: Settings) -> Iterator[Policy]:
    yield settings.policy
    owned = [
        *(route.policy for route in settings.routes.values()),
        *(team.policy for team in settings.teams.values()),
        *(key.policy for key in settings.keys),
    ]
    yield from (policy for policy in owned if policy is not None)


def _rules(policy: Policy, where: str) -> tuple[Rule, ...]:
    own = tuple(_rule(rule, f"{where}.rules[{place}]") for place, rule in enumerate(policy.rules))
    return own + (PRESETS[policy.preset] if policy.preset else ())


def _rule(rule: PolicyRule, name: str) -> Rule:
    scope = scope_of(rule)
    return Rule(
        types=types_of((ANY_TYPE,) if rule.types is None else rule.types),
        confidence=rule.confidence or 0.0,
        clearance=clearance_of(rule),
        scope=scope,
        whole=rule.types is None and rule.confidence is None and scope != EVERYBODY,
        name=name,
    )
