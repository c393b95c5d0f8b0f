"""Checks of routes: is there someone to answer each of them?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields

from gateway.config.checks.policy import check_clearance, check_policy
from gateway.config.checks.report import Draft, Report
from gateway.config.policy import Unreadable
from gateway.config.problems import Path
from gateway.config.rulebook import further_rules_of, rules_of
from gateway.config.settings import Route
from gateway.config.shape import nearest
from router.clearance import Clearance
from router.rule import EVERYBODY, Scope

_NAME = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}\Z"
)  # a model name as clients write it: gemma3:270m, org/model
_UNABLE = {"embeddings": ("embedded",), "moderations": ("embedded", "litellm")}  # engines that do not serve them


def check(draft: Draft, report: Report) -> None:
    asleep = frozenset(name for name, deployment in draft.deployments.items() if deployment.asleep)
    if not draft.route_names:
        report.error(("routes",), "there is no route", "add one, such as auto: {small: [NAME]}", at_key=True)
    for name, route in draft.routes.items():
        path = ("routes", name)
        if not _NAME.match(name):
            report.error(path, f"'{name}' is no name for a route", "letters, digits and . _ : / @ + -", at_key=True)
        _check_candidates(route, path, draft, asleep, report)
        _check_embeddings(route, path, draft, asleep, report)
        check_clearance(route.locality, (*path, "locality"), draft, report)
        check_policy(route.policy, (*path, "policy"), draft, report)
        _check_unreadable(route.unreadable, (*path, "unreadable"), draft, report)
        _check_reach(name, route, path, draft, report)
    if draft.reference is not None and draft.reference not in draft.declared:
        shown = report.document.shown(("reference",), draft.reference)
        report.error(("reference",), f"there is no deployment {shown}", nearest(draft.reference, draft.declared))


def _candidates(route: Route) -> dict[str, tuple[str, ...]]:
    return {
        "small": route.small,
        "large": route.large,
        "embeddings": route.embeddings,
        "moderations": route.moderations,
    }


def _check_candidates(route: Route, path: Path, draft: Draft, asleep: frozenset[str], report: Report) -> None:
    listed = _candidates(route)
    for kind, names in listed.items():
        for index, name in enumerate(names):
            here = (*path, kind, index)
            if name not in draft.declared:
                shown = report.document.shown(here, name)
                report.error(here, f"there is no deployment {shown}", nearest(name, draft.declared))
            elif name in names[:index]:
                report.error(here, f"{report.document.shown(here, name)} is listed twice", "remove one")
            elif (deployment := draft.deployments.get(name)) and deployment.engine in _UNABLE.get(kind, ()):
                report.error(here, f"engine {deployment.engine} serves no {kind}", "use engine openai")
    everyone = {name for names in listed.values() for name in names}
    if any(report.document.is_faulty((*path, kind)) for kind in listed):
        return
    if not everyone:
        report.error(path, "has no deployment", "list at least one under small, large or embeddings", at_key=True)
    elif everyone <= asleep:
        remedy = "set its key, or list one that needs none" if len(everyone) == 1 else "set a key, or list one more"
        report.error(
            path, f"all its deployments are left out for want of a key: {_joined(everyone)}", remedy, at_key=True
        )


def _check_embeddings(route: Route, path: Path, draft: Draft, asleep: frozenset[str], report: Report) -> None:
    """Vectors of different models cannot be compared, so one may not stand in for the other."""
    models = {
        draft.deployments[name].model for name in route.embeddings if name in draft.deployments and name not in asleep
    }
    if len(models) > 1:
        report.error(
            (*path, "embeddings"),
            "these deployments serve different models",
            "make one route for each model",
            at_key=True,
        )


def _check_unreadable(unreadable: Unreadable, path: Path, draft: Draft, report: Report) -> None:
    """What nobody can read, nobody can mask."""
    for kind in fields(unreadable):
        here, text = (*path, kind.name), getattr(unreadable, kind.name)
        check_clearance(text, here, draft, report)
        if text.startswith("masked"):
            report.error(here, "what cannot be read cannot be masked", "write local, any, or zones such as eu+local")


def _check_reach(name: str, route: Route, path: Path, draft: Draft, report: Report) -> None:
    """Whether anything asked of the route could ever be answered: by its own locality, and by rules for all of it."""
    try:
        clearance = Clearance.parse(route.locality)
        for policy in (*further_rules_of(route.policy, ""), rules_of(draft.policy)):
            for rule in policy.whole:
                if rule.scope in (EVERYBODY, Scope(routes=frozenset({name}))):
                    clearance = clearance.join(rule.clearance)
    except ValueError:  # reported where the clearance stands
        return
    text = {"small" if route.small else "large": route.small + route.large}
    for kind, listed in {**text, "embeddings": route.embeddings, "moderations": route.moderations}.items():
        if not listed or any(each not in draft.deployments for each in listed):
            continue
        if not any(clearance.permits(draft.deployments[each].zone, masked=True) for each in listed):
            report.error(
                path,
                "nothing asked of it could be answered: no deployment is in a zone that locality and policy permit",
                f"list a deployment under {kind} that may see it, or widen locality or the policy",
                at_key=True,
            )


def _joined(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names))
