"""The routebook: a route's rules in the router's terms."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from gateway.config.routing import Bounds, Conditions, Length, RoutingRule
from gateway.config.settings import Route, Settings
from gateway.config.timezone import zone_of
from router.conditions import (
    Between,
    Condition,
    During,
    Holding,
    KeyIs,
    Matches,
    Parameter,
    Spoken,
    Tagged,
    TeamIs,
    Tools,
    Turns,
)
from router.conditions import Length as InLength
from router.decision import Reason
from router.expression import Expression
from router.hours import Hours, days_of, span_of
from router.lead import Lead
from router.routing_rules import RoutingRule as Rule

SMALL, LARGE = "small", "large"
TOKEN_CHARACTERS = 4  # as everywhere where a prompt's tokens are estimated
_LIMITS = ("max_tokens", "max_completion_tokens")
_ALL_DAY, _ALL_DAYS = "00:00-24:00", ("mon-sun",)


def rules_of_route(route: Route, timezone: str) -> tuple[Rule, ...]:
    """Raises `ValueError` for what is no rule."""
    return tuple(rule_of(rule, route, timezone) for rule in route.rules)


def tags_named(settings: Settings) -> frozenset[str]:
    """All tags that rules ask for, or that have a budget, in lower case."""
    rules = (rule for route in settings.routes.values() for rule in route.rules)
    asked = (tag for rule in rules for tag in rule.when.tags or ())
    budgets = (budget.tag for budget in settings.budgets.values() if budget.tag is not None)
    return frozenset(tag.lower() for tag in (*asked, *budgets))


def rule_of(rule: RoutingRule, route: Route, timezone: str) -> Rule:
    """Raises `ValueError` for what is no rule."""
    return Rule(rule.name, conditions_of(rule.when, timezone), lead_of(rule, route))


def lead_of(rule: RoutingRule, route: Route) -> Lead:
    """A deployment goes before the others of its class, and that class before the other one."""
    reason = Reason("rule", rule.name)
    if rule.use == SMALL:
        return Lead(reason, route.small, route.large, "small-unavailable")
    if rule.use == LARGE:
        return Lead(reason, route.large, route.small, "large-unavailable")
    large_first = rule.use in route.large and rule.use not in route.small
    rest = route.large + route.small if large_first else route.small + route.large
    return Lead(reason, (rule.use,), rest)


def conditions_of(when: Conditions, timezone: str) -> tuple[Condition, ...]:
    """What is asked for, the cheapest first. Raises `ValueError`."""
    return tuple(_conditions(when, timezone))


def _conditions(when: Conditions, timezone: str) -> Iterator[Condition]:
    if when.keys is not None:
        yield KeyIs("keys", when.keys)
    if when.teams is not None:
        yield TeamIs("teams", when.teams)
    if when.tags is not None:
        yield Tagged("tags", map(str.lower, when.tags))
    if when.tools is not None:
        yield Tools(when.tools)
    if when.modalities is not None:
        yield Holding("modalities", when.modalities)
    if when.temperature is not None:
        yield Parameter("temperature", ("temperature",), *_bounds(when.temperature))
    if when.max_tokens is not None:
        yield Parameter("max_tokens", _LIMITS, *_bounds(when.max_tokens))
    if when.hours is not None or when.days is not None:
        zone = zone_of(when.timezone or timezone)
        yield During(Hours(zone, *span_of(when.hours or _ALL_DAY), days_of(when.days or _ALL_DAYS)))
    if when.turns is not None:
        yield Turns("turns", *_bounds(when.turns))
    if when.length is not None:
        yield _length(when.length)
    if when.languages is not None:
        yield Spoken("languages", when.languages)
    if when.system_matches is not None:
        yield Matches("system_matches", Expression(when.system_matches), in_system=True)
    if when.matches is not None:
        yield Matches("matches", Expression(when.matches))


def _bounds(bounds: Bounds) -> tuple[float, float]:
    return -inf if bounds.at_least is None else bounds.at_least, inf if bounds.at_most is None else bounds.at_most


def _length(length: Length) -> Between:
    size = TOKEN_CHARACTERS if length.unit == "tokens" else 1
    low = -inf if length.longer_than is None else length.longer_than * size + 1
    high = inf if length.shorter_than is None else length.shorter_than * size - 1
    return InLength("length", low, high)
