"""Checks of what is asked again and looked at: can it do anything, and can its address be asked for?"""

from __future__ import annotations

import re

from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from gateway.config.settings import Deployment, Route
from router.clearance import LOCAL_ZONE

_PATH = re.compile(r"/[!-~]*\Z")  # goes into a request line


def check(draft: Draft, report: Report) -> None:
    for name, deployment in draft.deployments.items():
        _check_health(deployment, ("deployments", name, "health"), report)
    for name, route in draft.routes.items():
        _check_retries(route, ("routes", name, "retries"), report)
        _check_hedge(route, draft, ("routes", name, "hedge"), report)


def _check_health(deployment: Deployment, path: Path, report: Report) -> None:
    health = deployment.health
    if health.path is not None and not _PATH.match(health.path):
        shown = report.document.shown((*path, "path"), health.path)
        report.error((*path, "path"), f"{shown} is no path", "write it like /health")
    if deployment.engine == "litellm" and (health.every or health.path is not None):
        report.error(
            path,
            "engine litellm has nothing that can be asked for free",
            "remove it, or use engine openai",
            at_key=True,
        )


def _check_retries(route: Route, path: Path, report: Report) -> None:
    retries = route.retries
    if retries.first_wait > retries.longest_wait:
        report.error(
            (*path, "first_wait"),
            f"{retries.first_wait:g} s is more than the longest wait, {retries.longest_wait:g} s",
            "write it smaller, or longest_wait larger",
        )


def _check_hedge(route: Route, draft: Draft, path: Path, report: Report) -> None:
    if route.hedge.after == "off":
        return
    if not route.retries.budget:
        report.error(
            path,
            "never applies: `retries.budget: 0` allows no call more",
            "leave retries.budget out, or remove hedge",
            at_key=True,
        )
    elif not any(_has_another(names, draft) for names in (route.small, route.large)):
        report.error(
            path,
            "never applies: there is nobody to be asked besides",
            "list two deployments under small or large, or one that is not in zone local",
            at_key=True,
        )


def _has_another(names: tuple[str, ...], draft: Draft) -> bool:
    """Whether one of a class can be asked besides the first. Alone at home it would be in its own way."""
    known = [draft.deployments[name] for name in names if name in draft.deployments]
    return len(names) > 1 or any(deployment.zone != LOCAL_ZONE for deployment in known)
