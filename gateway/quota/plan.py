"""Plan: which limits and budgets of a configuration concern a request, as the quota store is asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final, NamedTuple, Self

from gateway.config.quota import NO_LIMITS, WHOSE, Budget, Limits
from gateway.config.quota import Whose as Kind
from gateway.config.settings import Settings
from gateway.config.timezone import zone_of
from gateway.quota.amounts import QUANTA
from gateway.quota.ask import Kind as Counted
from gateway.quota.ask import Slice, Whose
from gateway.quota.periods import Stretch, stretches

_MOST_KEPT: Final = 4096  # owners of one budget, and budgets of keys that are made at run time, whose slices are kept
MOST_TAGS: Final = 10_000  # that a budget for each tag counts one by one: callers can make up as many as they like
_MOST_PARTS: Final = 100_000  # and the slices of all these; a worker keeps one in about 1 KB
OTHERS: Final = ""  # no tag: all further ones together
_COUNTED: Final[tuple[tuple[str, Counted], ...]] = (
    ("requests_per_minute", "requests"),
    ("tokens_per_minute", "tokens"),
    ("concurrent", "concurrent"),
)
_NOTHING: Final = Stretch(0.0, 0.0, 0.0)


class Asked(NamedTuple):
    """Who asks for what: names, and the tags of the request and of its key."""

    key: str
    team: str | None
    route: str
    tags: frozenset[str]


class Limit(NamedTuple):
    """One limit that concerns a request, and whose it is."""

    owner: Kind
    meter: str
    kind: Counted
    limit: int


class Concern(NamedTuple):
    """One budget that concerns a request. `cap` is in quanta; None for a soft one. `slices` are oldest first."""

    name: str
    budget: Budget
    cap: int | None
    slices: tuple[Slice, ...]
    zone: tzinfo


class Plan:
    """Of one configuration. False where it limits nobody; keys and teams bring limits of their own.

    `routes` are the limits of routes, `timezone` that of budgets which name none.
    """

    def __init__(self, budgets: Mapping[str, Budget], routes: Mapping[str, Limits], timezone: str) -> None:
        self._timezone = timezone
        self._budgets = [_Rule(name, budget, timezone) for name, budget in budgets.items()]
        self._routes = {name: limits for name, limits in routes.items() if limits}
        self._own: dict[tuple[str, str, Budget], _Rule] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        limits = {name: route.limits for name, route in settings.routes.items()}
        return cls(settings.budgets, limits, settings.server.timezone)

    def __bool__(self) -> bool:
        return bool(self._budgets or self._routes)

    def limits(self, asked: Asked, of_key: Limits, of_team: Limits) -> tuple[Limit, ...]:
        """Those of the key, its team and the route."""
        found: list[Limit] = []
        if of_key:
            found += _limits("key", asked.key, of_key)
        if of_team and asked.team is not None:
            found += _limits("team", asked.team, of_team)
        if (of_route := self._routes.get(asked.route, NO_LIMITS)) is not NO_LIMITS:
            found += _limits("route", asked.route, of_route)
        return tuple(found)

    def concerns(self, asked: Asked, at: float, own: Iterable[tuple[str, Budget]] = ()) -> list[Concern]:
        """The budgets at that time, in seconds since the epoch. `own` are those that the key brings: its team's, where
        they say so, else its own."""
        found = [concern for rule in self._budgets for concern in rule.concerns(asked, at)]
        for name, budget in own:
            rule = self._own_rule(asked.key, name, budget)
            found += rule.concerns(asked, at) if budget.whose else [rule.concern("key", asked.key, at)]
        return found

    def concern(self, name: str, whose: Whose, at: float) -> Concern | None:
        """One budget of somebody, by name; None where this configuration, and what was asked under it, know of none."""
        named = ((kind, owner) for kind, owner in zip(WHOSE, whose, strict=True) if owner is not None)
        kind, owner = next(named, (None, ""))
        for rule in self._budgets:
            if rule.name == name and rule.is_about(kind, owner):
                return rule.concern(kind, owner, at)
        for (key, called, budget), rule in self._own.items():
            if called == name and (rule.is_about(kind, owner) if budget.whose else (kind, owner) == ("key", key)):
                return rule.concern(kind, owner, at)
        return None

    def _own_rule(self, key: str, name: str, budget: Budget) -> _Rule:
        rule = self._own.get((key, name, budget))
        if rule is None:
            if len(self._own) >= _MOST_KEPT:
                self._own.clear()
            rule = self._own[key, name, budget] = _Rule(name, budget, self._timezone)
        return rule


class _Rule:
    """One budget, with the slices that are asked for now."""

    def __init__(self, name: str, budget: Budget, timezone: str) -> None:
        self.name = name
        self._budget = budget
        self._cap = int(budget.amount * QUANTA) if budget.hard else None  # rounded down
        self._zone = zone_of(budget.timezone or timezone)
        self._kind: Kind | None = next(iter(budget.whose), None)
        self._owner: str = "" if self._kind is None else getattr(budget, self._kind)
        self._stretches: tuple[Stretch, ...] = (_NOTHING,)
        self._kept: dict[tuple[Kind | None, str], Concern] = {}  # by owner, for the stretch under way
        self._met: set[str] = set()  # tags that are counted one by one
        self._met_until = 0.0

    def concerns(self, asked: Asked, at: float) -> Iterator[Concern]:
        each, kind = self._budget.each, self._kind
        if each == "tag" or kind == "tag":
            for tag in self._each_of(asked.tags, at) if each else asked.tags & {self._owner}:
                yield self.concern("tag", tag, at)
            return
        wanted = each or kind
        if wanted is None:
            yield self.concern(None, "", at)
            return
        owner = getattr(asked, wanted)
        if owner is not None and (each is not None or owner == self._owner):
            yield self.concern(wanted, owner, at)

    def _each_of(self, tags: frozenset[str], at: float) -> list[str]:
        """Those tags, in order; `OTHERS` for all of which there are too many."""
        if tags <= self._met and at < self._met_until:
            return sorted(tags)
        if at >= self._met_until:
            self._met.clear()
            self._stretches = stretches(self._budget, self._zone, at)
            self._kept.clear()
            self._met_until = self._stretches[-1].until
        room = min(MOST_TAGS, _MOST_PARTS // len(self._stretches)) - len(self._met)
        new = sorted(tags - self._met)
        self._met.update(new[: max(0, room)])
        return sorted(tags) if len(new) <= room else [OTHERS, *sorted(tags & self._met)]

    def is_about(self, kind: Kind | None, owner: str) -> bool:
        return self._budget.each == kind if self._budget.each else (self._kind, self._owner) == (kind, owner)

    def concern(self, kind: Kind | None, owner: str, at: float) -> Concern:
        under_way = self._stretches[-1]
        if not under_way.start <= at < under_way.end or len(self._kept) >= _MOST_KEPT:
            self._stretches = stretches(self._budget, self._zone, at)
            self._kept.clear()
        concern = self._kept.get((kind, owner))
        if concern is None:
            whose = Whose() if kind is None else Whose(**{kind: owner})
            slices = tuple([_slice(kind, owner, whose, stretch) for stretch in self._stretches])
            concern = Concern(self.name, self._budget, self._cap, slices, self._zone)
            self._kept[kind, owner] = concern
        return concern


def _limits(owner: Kind, name: str, limits: Limits) -> Iterator[Limit]:
    for setting, kind in _COUNTED:
        limit = getattr(limits, setting)
        if limit is not None:
            yield Limit(owner, f"{owner}:{name}:{kind}", kind, limit)


def _slice(kind: Kind | None, owner: str, whose: Whose, stretch: Stretch) -> Slice:
    """Named for who and when, so that budgets of the same stretch share it; a rolling one is asked for longer."""
    start, end, until = stretch
    who = "all" if kind is None else f"{kind}:{owner}"
    longer = "" if until == end else f"+{until - end:.0f}"
    return Slice(f"{who}:{start:.0f}-{end:.0f}{longer}", whose, start, end, until)
