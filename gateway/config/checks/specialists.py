"""Checks of specialists: is each one there, and has it a name of its own? `examplefiles.py` looks into the files."""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report
from gateway.config.checks.routing import NAME
from gateway.config.problems import Path
from gateway.config.settings import Route
from gateway.config.shape import nearest

MOST = 32  # of a route; each costs every request of the route a few microseconds


def check(draft: Draft, report: Report) -> None:
    for name, route in draft.routes.items():
        _check_route(route, ("routes", name, "specialists"), draft, report)


def _check_route(route: Route, path: Path, draft: Draft, report: Report) -> None:
    if len(route.specialists) > MOST:
        report.error(path, f"are {len(route.specialists)}", f"{MOST} at most", at_key=True)
    if route.specialists and not (route.small or route.large):
        remedy = "list deployments under small or large for everything else"
        report.error(path, "mean nothing on a route that answers no text", remedy, at_key=True)
    names: set[str] = set()
    for index, specialist in enumerate(route.specialists):
        here = (*path, index)
        shown = report.document.shown((*here, "name"), specialist.name)
        if not NAME.match(specialist.name):
            report.error((*here, "name"), f"{shown} is no name", "letters, digits and . _ -, at most 64")
        elif specialist.name in names:
            report.error((*here, "name"), f"{shown} is the name of two specialists", "rename one")
        names.add(specialist.name)
        if specialist.deployment not in draft.declared:
            shown = report.document.shown((*here, "deployment"), specialist.deployment)
            remedy = nearest(specialist.deployment, draft.declared)
            report.error((*here, "deployment"), f"there is no deployment {shown}", remedy)
