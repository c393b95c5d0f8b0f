"""Checks of shadow evaluation: is there something to compare, somebody who judges, and a place for what is said?"""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from gateway.config.settings import Route
from gateway.config.shadow import Shadow
from gateway.config.shape import nearest
from router.clearance import Clearance


def check(draft: Draft, report: Report) -> None:
    for name, route in draft.routes.items():
        if route.shadow is not None:
            _check(route, route.shadow, ("routes", name, "shadow"), draft, report)


def _check(route: Route, shadow: Shadow, path: Path, draft: Draft, report: Report) -> None:
    here = (*path, "judge")
    shown = report.document.shown(here, shadow.judge)
    judge = draft.deployments.get(shadow.judge)
    if shadow.judge not in draft.declared:
        report.error(here, f"there is no deployment {shown}", nearest(shadow.judge, draft.declared))
    elif judge is not None and judge.asleep:
        report.warn(here, f"{shown} is left out for want of a key, so nothing is compared", "set its key")
    elif shadow.judge in (*route.small, *route.large):
        report.warn(
            here, f"{shown} judges its own answers, and models favour those", "name a deployment of another model"
        )
    if not (route.small and route.large):
        remedy = "list deployments under small and under large, or leave shadow out"
        report.error(path, "there is nothing to compare: the route has one class only", remedy, at_key=True)
    if not shadow.of:
        report.error((*path, "of"), "names nobody whose answers are compared", "write [small], or [small, large]")
    if not route.learning.enabled:
        remedy = "write learning: {enabled: true} for the route, or leave shadow out"
        report.error(path, "what the judge says would not be kept: learning is off", remedy, at_key=True)
    _check_reach(route, shadow, path, draft, report)


def _check_reach(route: Route, shadow: Shadow, path: Path, draft: Draft, report: Report) -> None:
    """Whether anything asked of the route could ever be compared."""
    try:
        clearance = Clearance.parse(route.locality)
    except ValueError:  # reported where the clearance stands
        return
    needed: dict[str, tuple[str, ...]] = {"the judge's": (shadow.judge,)}
    if "small" in shadow.of:
        needed["any large deployment's"] = route.large
    if "large" in shadow.of:
        needed["any small deployment's"] = route.small
    for whose, names in needed.items():
        known = [draft.deployments[name].zone for name in names if name in draft.deployments]
        if known and len(known) == len(names) and not any(clearance.permits(zone, masked=True) for zone in known):
            remedy = "widen locality, name deployments that may see it, or leave shadow out"
            report.error(path, f"nothing could be compared: locality does not permit {whose} zone", remedy, at_key=True)
            return
    if clearance.is_local:
        remedy = "leave shadow out"
        report.error(path, "what stays at home is never compared, and locality keeps everything", remedy, at_key=True)
