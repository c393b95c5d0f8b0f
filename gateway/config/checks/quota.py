"""Checks of limits and budgets: is it clear whose each is and when it begins anew, and does it concern anybody?"""

from __future__ import annotations

from gateway.config.checks.keys import is_key_name
from gateway.config.checks.report import Draft, Report
from gateway.config.checks.routing import check_zone
from gateway.config.problems import Path
from gateway.config.quota import MOST_DAYS, MOST_HOURS, Budget, rolled
from gateway.config.settings import ANONYMOUS, GENERATED
from gateway.config.shape import nearest
from router.clearance import LOCAL_ZONE
from router.occasion import LONGEST_TAG, tags_in


def check(draft: Draft, report: Report) -> None:
    for name, budget in draft.budgets.items():
        path = ("budgets", name)
        if not is_key_name(name):
            report.error(path, f"'{name}' is no name", "letters, digits and . _ @ + -, at most 64", at_key=True)
        _check_whose(budget, path, draft, report)
        _check_time(budget, path, report)
        _check_hardness(budget, path, report)


def _check_whose(budget: Budget, path: Path, draft: Draft, report: Report) -> None:
    named = [*budget.whose, *(["each"] if budget.each else [])]
    if len(named) > 1:
        remedy = "a budget is for one of them: write one budget for each"
        report.error(path, f"has {' and '.join(named)}", remedy, at_key=True)
        return
    if budget.route is not None and budget.route not in draft.route_names:
        here = (*path, "route")
        shown = report.document.shown(here, budget.route)
        report.error(here, f"there is no route {shown}", nearest(budget.route, draft.route_names))
    elif budget.route is not None:
        _check_home(budget, budget.route, path, draft, report)
    keys = {key.name for key in draft.keys.values()} | {ANONYMOUS, GENERATED}
    teams = {key.team for key in draft.keys.values() if key.team} | set(draft.teams)
    for kind, name, known in (("key", budget.key, keys), ("team", budget.team, teams)):
        if name is not None and name not in known:
            here = (*path, kind)
            remedy = nearest(name, known) or f"right if that {kind} is made while the gateway runs"
            report.warn(here, f"no {kind} here is called {report.document.shown(here, name)}", remedy)
    if budget.tag is not None and tags_in((budget.tag,)) != {budget.tag}:
        here = (*path, "tag")
        remedy = f"one tag in lower case, without commas, at most {LONGEST_TAG} characters"
        report.error(here, f"no request can have the tag {report.document.shown(here, budget.tag)}", remedy)


def _check_home(budget: Budget, route: str, path: Path, draft: Draft, report: Report) -> None:
    """Whether staying at home leaves anybody who answers."""
    listed = draft.routes.get(route)
    if listed is None or budget.at_limit != "stay-local":
        return
    names = (*listed.small, *listed.large, *listed.embeddings, *listed.moderations)
    zones = [draft.deployments[name].zone for name in names if name in draft.deployments]
    if len(zones) == len(names) and LOCAL_ZONE not in zones:
        remedy = "list a deployment in zone local, or write at_limit: refuse"
        report.warn((*path, "at_limit"), "nobody is at home on this route: at the limit all of it is refused", remedy)


def _check_time(budget: Budget, path: Path, report: Report) -> None:
    if budget.period is None and budget.rolling is None:
        report.error(path, "says not for how long", "write period: month, or rolling: 30d", at_key=True)
    if budget.period is not None and budget.rolling is not None:
        report.error(path, "has period and rolling", "keep one of the two", at_key=True)
    here = (*path, "rolling")
    hours = False
    if budget.rolling is not None:
        try:
            hours = rolled(budget.rolling).unit == "h"
        except ValueError:
            shown = report.document.shown(here, budget.rolling)
            remedy = f"write 1h to {MOST_HOURS}h, or 1d to {MOST_DAYS}d"
            report.error(here, f"{shown} is no length of a rolling budget", remedy)
    if budget.timezone is not None:
        check_zone(budget.timezone, (*path, "timezone"), report)
        if hours:
            report.warn((*path, "timezone"), "hours are counted alike everywhere", "leave it out")


def _check_hardness(budget: Budget, path: Path, report: Report) -> None:
    if not budget.hard and budget.at_limit == "stay-local":
        report.warn((*path, "at_limit"), "means nothing where hard is false: nothing is refused", "leave it out")
    if budget.hard and budget.at_limit == "refuse" and any(share > 1 for share in budget.alerts):
        report.warn((*path, "alerts"), "no more than all of a hard budget is spent", "leave shares above 1 out")
