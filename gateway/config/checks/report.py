"""The report that checks write to, and the draft they read."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from gateway.config.access import Access
from gateway.config.alerts import Webhook
from gateway.config.books import Ledger
from gateway.config.detection import Detection
from gateway.config.document import Document
from gateway.config.learning import Learning
from gateway.config.policy import Policy
from gateway.config.problems import Path, Problem
from gateway.config.quota import Budget
from gateway.config.redis import Redis
from gateway.config.settings import (
    Audit,
    Cache,
    Deployment,
    Key,
    Responses,
    Route,
    Server,
    Settings,
    Team,
)
from gateway.config.shape import Group, kinds, settings_of


@dataclass(slots=True)
class Report:
    """Problems and warnings, each with its place in the document."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, path: Path, message: str, remedy: str = "", *, at_key: bool = False) -> None:
        """Report a problem, unless something is known to be wrong there already."""
        if not self.document.is_faulty(path):
            self.problems.append(self.document.problem(path, message, remedy, at_key=at_key))

    def warn(self, path: Path, message: str, remedy: str = "") -> None:
        self.warnings.append(self.document.problem(path, message, remedy, at_key=True))


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of a document that have the right shape: they can be checked although others are wrong."""

    deployments: Mapping[str, Deployment]
    declared: frozenset[str]  # the names of all deployments, also of those that are not in `deployments`
    routes: Mapping[str, Route]
    route_names: frozenset[str]
    keys: Mapping[int, Key]  # by position in the list
    teams: Mapping[str, Team]
    access: Access
    budgets: Mapping[str, Budget]
    policy: Policy
    detection: Detection
    redis: Redis
    cache: Cache
    ledger: Ledger
    audit: Audit
    responses: Responses
    learning: Learning
    webhooks: Mapping[str, Webhook]
    server: Server
    reference: str | None
    region: str | None

    @classmethod
    def of_settings(cls, settings: Settings) -> Self:
        """Settings that have passed all checks: for what is to join them later."""
        named = {"declared": frozenset(settings.deployments), "route_names": frozenset(settings.routes)}
        parts: dict[str, Any] = named | {"keys": dict(enumerate(settings.keys))}
        for own in fields(cls):
            parts.setdefault(own.name, getattr(settings, own.name, None))
        return cls(**parts)

    @classmethod
    def of(cls, document: Document) -> Self:
        data = document.data
        deployments, routes, keys = data.get("deployments"), data.get("routes"), data.get("keys")
        named, routed = _mapping(deployments), _mapping(routes)
        return cls(
            deployments=_valid(Deployment, named),
            declared=frozenset(map(str, named)),
            routes=_valid(Route, routed),
            route_names=frozenset(map(str, routed)),
            keys=_valid(Key, dict(enumerate(keys if isinstance(keys, list) else ()))),
            teams=_valid(Team, _mapping(data.get("teams"))),
            access=_or_default(Access, data),
            budgets=_valid(Budget, _mapping(data.get("budgets"))),
            policy=_or_default(Policy, data),
            detection=_or_default(Detection, data),
            redis=_or_default(Redis, data),
            cache=_or_default(Cache, data),
            ledger=_or_default(Ledger, data),
            audit=_or_default(Audit, data),
            responses=_or_default(Responses, data),
            learning=_or_default(Learning, data),
            webhooks=_valid(Webhook, _mapping(_mapping(data.get("alerts")).get("webhooks"))),
            server=_or_default(Server, data),
            reference=_text(data.get("reference")),
            region=_text(data.get("region")),
        )


Name = TypeVar("Name", str, int)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _valid(group: type[Group], values: Mapping[Name, object]) -> dict[Name, Group]:
    """Those of `values` that are such settings, or are once what is wrong in them has been taken out."""
    valid: dict[Name, Group] = {}
    for name, value in values.items():
        try:
            valid[name] = settings_of(group, value)
        except ValidationError as error:  # reported where the whole document is validated
            rest = copy.deepcopy(value)
            for detail in error.errors(include_url=False, include_context=False, include_input=False):
                _take_out(rest, detail["loc"])
            with contextlib.suppress(ValidationError):
                valid[name] = settings_of(group, rest)
    return valid


def _take_out(value: object, path: Path) -> None:
    """Remove what stands at `path` in nested mappings; a list goes as a whole, so that no position shifts."""
    for part in path[:-1]:
        if not isinstance(value, dict):
            return
        inner = value.get(part)
        if not isinstance(inner, dict):
            value.pop(part, None)
            return
        value = inner
    if isinstance(value, dict) and path:
        value.pop(path[-1], None)


def _or_default(group: type[Group], data: Mapping[str, object]) -> Group:
    section = next(name for name, kind in kinds(Settings).items() if kind is group)
    return next(iter(_valid(group, {section: data.get(section) or {}}).values()), group())
