"""`tidegate check`: is a configuration usable? All of its problems at once, with file, line and remedy."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gateway.accounting.money import dollars
from gateway.cli.columns import in_columns
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.quota import Budget
from gateway.config.schema import json_schema_text
from gateway.config.settings import Deployment, Route, Settings
from gateway.config.specialising import domains_of
from gateway.pipeline.doubts import budget_doubts
from router.specialists.domain import Domain

LEAST_OWN = 0.5  # of its examples, each left out in turn, that a specialist should claim
FEW = 20  # examples


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of the configuration and stop")


def run(args: argparse.Namespace) -> int:
    """Prints a summary and returns 0, or prints the problems to stderr and returns 1."""
    if args.schema:
        sys.stdout.write(json_schema_text())
        return 0
    try:
        loaded = load(args.config, doubts=budget_doubts)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' * (count != 1)}", file=sys.stderr)
        return 1
    print("\n".join(summary(loaded)))
    return 0


def summary(loaded: Loaded) -> Iterator[str]:
    """What a configuration amounts to, in lines; no secret is in them."""
    settings = loaded.settings
    yield f"OK {loaded.source}"
    yield from _table(
        "deployments",
        ((name, item.zone, item.engine, item.model, _state(item)) for name, item in settings.deployments.items()),
    )
    yield from _table("routes", ((name, *_described(route)) for name, route in settings.routes.items()))
    if settings.keys:
        yield from _table("keys", ((key.name, key.team or "-", key.locality) for key in settings.keys))
    else:
        yield "keys\n  none: `tidegate serve` makes one and prints it"
    if settings.budgets:
        yield from _table("budgets", ((name, *_bounds(budget)) for name, budget in settings.budgets.items()))
    if policies := list(_policies(settings)):
        yield from _table("policies, the strictest wins", policies)
    domains = domains_of(loaded)
    if domains:
        yield from _table("specialists, by their examples", _specialists(settings, domains))
    if settings.server.anonymous:
        yield from _table("without a key, from this machine only", ((name,) for name in settings.server.anonymous))
    if warnings := [*map(str, loaded.warnings), *_doubts(domains)]:
        yield "warnings"
        yield from (f"  {warning}" for warning in warnings)


def _state(deployment: Deployment) -> str:
    if deployment.asleep:
        return "asleep: no key"
    return "if it runs" if deployment.if_running else ""


def _described(route: Route) -> tuple[str, str]:
    classes = (("small", route.small), ("large", route.large), ("embeddings", route.embeddings))
    return route.locality, "; ".join(f"{kind}: {', '.join(names)}" for kind, names in classes if names)


def _bounds(budget: Budget) -> tuple[str, str, str, str]:
    """How much, how long, whose, and what becomes of requests that do not fit."""
    whose = next((f"{kind} {getattr(budget, kind)}" for kind in budget.whose), f"each {budget.each}")
    return (
        f"{dollars(budget.amount)} $",
        budget.period or f"last {budget.rolling}",
        whose if budget.whose or budget.each else "all together",
        budget.at_limit if budget.hard else "counted only",
    )


def _specialists(settings: Settings, domains: Mapping[str, Sequence[Domain]]) -> Iterator[tuple[str, ...]]:
    for route, listed in domains.items():
        for domain, specialist in zip(listed, settings.routes[route].specialists, strict=True):
            own = f"claims {domain.own:.0%} of {domain.examples} examples left out in turn"
            yield route, domain.name, specialist.deployment, f"{own}, {domain.false:.1%} of other prompts"


def _doubts(domains: Mapping[str, Sequence[Domain]]) -> Iterator[str]:
    """What a specialist's examples say against it."""
    for route, listed in domains.items():
        for domain in listed:
            where = f"routes.{route}.specialists: '{domain.name}'"
            if domain.own < LEAST_OWN:
                yield (
                    f"{where} would claim only {domain.own:.0%} of its own examples: they have little in common that "
                    "other prompts have not; give more of them, or split the domain"
                )
            if domain.examples < FEW:
                yield f"{where} has {domain.examples} examples: from {FEW} on, these shares can be relied on"


def _policies(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Where each stands, its preset, and how many rules it has of its own."""
    of_routes = ((f"routes.{name}", route.policy) for name, route in settings.routes.items())
    of_teams = ((f"teams.{name}", team.policy) for name, team in settings.teams.items())
    of_keys = ((f"keys.{key.name}", key.policy) for key in settings.keys)
    for where, policy in (("file", settings.policy), *of_routes, *of_teams, *of_keys):
        if policy is not None and (policy.preset or policy.rules):
            count = len(policy.rules)
            yield where, policy.preset or "no preset", f"{count} rule{'s' * (count != 1)}"


def _table(title: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield title
    for line in in_columns(list(rows)):
        yield f"  {line}"
