"""`tidegate teams`: makes teams, shows and removes them. What a team says holds for all of its keys."""

from __future__ import annotations

import argparse

from gateway.access.terms import TeamTerms
from gateway.cli import registering
from gateway.cli.columns import in_columns
from gateway.cli.registering import (
    bounds,
    budgets_shown,
    changing,
    limits_shown,
    looking,
    name,
    with_bounds,
    with_config,
)
from gateway.config.loaded import Loaded

_HEADINGS = ("NAME", "LOCALITY", "REGION", "LIMITS", "BUDGETS", "SOURCE")


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a team; it holds for its keys at once, those of the configuration too")
    change = actions.add_parser("set", help="say anew what a team is bound by; what is not said is as at `new`")
    remove = actions.add_parser("remove", help="remove a team that no key belongs to")
    for action in (new, change, remove):
        action.add_argument("name", type=name, metavar="NAME")
    for action in (new, change):
        with_bounds(action)
    listing = actions.add_parser("list", help="list teams: stored ones, and those of the configuration")
    for action in (new, change, remove, listing):
        with_config(action)


def run(args: argparse.Namespace) -> int:
    """Returns 0; 2 with the reason on stderr for what cannot be done."""
    work = {"new": _new, "set": _set, "remove": _remove, "list": _list}
    return registering.run(f"teams {args.action}", args.config, lambda loaded: work[args.action](loaded, args))


def _new(loaded: Loaded, args: argparse.Namespace) -> None:
    with changing(loaded) as (registry, hand):
        registry.new_team(args.name, TeamTerms(**bounds(args)), hand)
    print(f"The team {args.name} is made.")


def _set(loaded: Loaded, args: argparse.Namespace) -> None:
    with changing(loaded) as (registry, hand):
        registry.change_team(args.name, lambda _: TeamTerms(**bounds(args)), hand)
    print(f"The team {args.name} is changed.")


def _remove(loaded: Loaded, args: argparse.Namespace) -> None:
    with changing(loaded) as (registry, hand):
        registry.remove_team(args.name, hand)
    print(f"The team {args.name} is removed.")


def _list(loaded: Loaded, args: argparse.Namespace) -> None:
    del args
    with looking(loaded) as store:
        stored = store.list_teams() if store else []
    configured = loaded.settings.teams
    rows = [
        (name, team.locality, team.region or "-", limits_shown(team.limits), "-", "configured")
        for name, team in configured.items()
    ]
    rows += [
        (
            team.name,
            team.terms.locality,
            team.terms.region or "-",
            limits_shown(team.terms.limits),
            budgets_shown(team.terms.budgets),
            "stored",
        )
        for team in stored
        if team.name not in configured
    ]
    if not rows:
        print("No teams are configured or stored.")
        return
    for line in in_columns([_HEADINGS, *sorted(rows)]):
        print(line)
