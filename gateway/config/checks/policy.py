"""Checks of policies: is every clearance one, is there anybody in every zone, and can every rule come to speak?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from gateway.config.checks.report import Draft, Report
from gateway.config.policy import Policy, PolicyRule
from gateway.config.problems import Path
from gateway.config.settings import ANONYMOUS, GENERATED
from gateway.config.shape import nearest
from router.clearance import LOCAL_ZONE, Clearance, is_zone_name
from router.families import FAMILIES, TYPES

_TYPE = re.compile(r"(\*|[A-Z][A-Z0-9_]*)\Z")
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")  # of labels and regions: both travel in headers and cache keys
_SELECTORS = ("labels", "routes", "keys", "teams", "regions")
_NAMED = ("routes", "keys", "teams")  # what is named stands elsewhere in the file


def check(draft: Draft, report: Report) -> None:
    check_policy(draft.policy, ("policy",), draft, report)
    check_region(draft.region, (), report)


def check_policy(policy: Policy | None, path: Path, draft: Draft, report: Report) -> None:
    """Report what is wrong with the policy of the file, a route, a key or a team."""
    everything = None  # the position of a rule that leaves nothing to those after it
    for index, rule in enumerate(policy.rules if policy else ()):
        here = (*path, "rules", index)
        _check_types(rule, here, draft, report)
        _check_selectors(rule, here, draft, report)
        _check_consequence(rule, here, draft, report)
        if everything is not None and not rule.labels:
            report.error(here, "is never reached", f"put it before rule {everything + 1}, which takes every finding")
        elif _takes_everything(rule):
            everything = index
    if everything is not None and policy and policy.preset not in (None, "everything-local"):
        report.warn(
            (*path, "preset"),
            f"has nothing to decide: rule {everything + 1} takes every finding",
            "leave out that rule, or the preset",
        )


def check_clearance(text: str, path: Path, draft: Draft, report: Report) -> None:
    """Report a clearance that is none, or that names a zone where nobody is."""
    try:
        clearance = Clearance.parse(text)
    except ValueError:
        shown = report.document.shown(path, text)
        report.error(path, f"{shown} is no clearance", "write local, any, eu+local, masked or masked:eu+local")
        return
    for zone in sorted(clearance.zones or ()):
        _check_inhabited(zone, path, draft, report)


def check_region(region: str | None, path: Path, report: Report) -> None:
    """Report a region that could not stand in a rule."""
    if region is not None:
        _check_word(region, (*path, "region"), "region", report)


def _takes_everything(rule: PolicyRule) -> bool:
    anything = rule.types is None or "*" in rule.types
    return anything and not rule.confidence and not any(getattr(rule, name) for name in _SELECTORS)


def _check_types(rule: PolicyRule, path: Path, draft: Draft, report: Report) -> None:
    known = TYPES | draft.detection.types
    if rule.types is not None and not rule.types:
        report.error((*path, "types"), "names no type of finding", "write [EMAIL], or leave it out for all")
    for number, name in enumerate(rule.types or ()):
        here = (*path, "types", number)
        shown = report.document.shown(here, name)
        if name in FAMILIES or name == "*":
            continue
        if not _TYPE.match(name):
            close = nearest(name, FAMILIES)
            family = f"; {close}" if close else f", or a family: {', '.join(FAMILIES)}"
            report.error(here, f"{shown} is no type of finding", f"write it like EMAIL, or '*'{family}")
        elif name not in known and (close := nearest(name, known)):
            report.warn(here, f"nothing that ships finds {shown}", close)


def teams_written(draft: Draft, report: Report) -> frozenset[str]:
    """The teams that may be named in a message: not those that come from the environment."""
    return _written("team", draft, report) | frozenset(draft.teams)


def _written(field: Literal["name", "team"], draft: Draft, report: Report) -> frozenset[str]:
    values: dict[Path, str] = {("keys", place, field): getattr(key, field) or "" for place, key in draft.keys.items()}
    return report.document.written(values) - {""}


def _names(draft: Draft) -> dict[str, frozenset[str]]:
    """What rules may name, by selector; the others are free."""
    keys = frozenset(key.name for key in draft.keys.values())
    teams = frozenset(key.team for key in draft.keys.values() if key.team is not None)
    return {
        "routes": draft.route_names,
        "keys": keys | {GENERATED, ANONYMOUS},
        "teams": teams | frozenset(draft.teams),
    }


def _check_selectors(rule: PolicyRule, path: Path, draft: Draft, report: Report) -> None:
    for selector in _SELECTORS:
        names = getattr(rule, selector)
        if selector in _NAMED:
            check_names(selector, names, (*path, selector), draft, report)
            continue
        for number, name in enumerate(names):
            word = name.lower() if selector == "labels" else name
            _check_word(word, (*path, selector, number), selector.removesuffix("s"), report)


def check_names(selector: str, names: Sequence[str], path: Path, draft: Draft, report: Report) -> None:
    """Report the routes, keys or teams in a list that are not there."""
    known = _names(draft)
    written = known | {
        "keys": _written("name", draft, report),
        "teams": teams_written(draft, report),
    }
    for number, name in enumerate(names):
        if name not in known[selector]:
            here = (*path, number)
            shown = report.document.shown(here, name)
            remedy = "" if report.document.variables.get(here) else nearest(name, written[selector])
            report.error(here, f"there is no {selector.removesuffix('s')} {shown}", remedy)


def _check_word(text: str, path: Path, kind: str, report: Report) -> None:
    if not _WORD.match(text):
        shown = report.document.shown(path, text)
        report.error(path, f"{shown} is no {kind}", "letters in lower case, digits and . _ -, at most 64")


def _check_consequence(rule: PolicyRule, path: Path, draft: Draft, report: Report) -> None:
    """What follows from a rule is said once."""
    if rule.clearance is not None:
        if rule.action is not None or rule.zones is not None:
            report.error(path, "says twice what follows", "write either clearance, or action and zones")
        check_clearance(rule.clearance, (*path, "clearance"), draft, report)
        return
    if rule.zones is None:
        return
    if rule.action not in (None, "mask"):
        report.error((*path, "zones"), f"mean nothing where the action is {rule.action}", "leave out one of them")
    elif not rule.zones:
        report.error((*path, "zones"), "name no zone", "write [local, eu], or action: block to refuse it")
    elif LOCAL_ZONE not in rule.zones:
        report.warn((*path, "zones"), "leave out local: no deployment at home may see it either", "add local")
    for number, zone in enumerate(rule.zones):
        here = (*path, "zones", number)
        if is_zone_name(zone):
            _check_inhabited(zone, here, draft, report)
        else:
            shown = report.document.shown(here, zone)
            report.error(here, f"{shown} is no zone name", "write local, cloud, or a region such as eu")


def _check_inhabited(zone: str, path: Path, draft: Draft, report: Report) -> None:
    """A zone without a deployment is a slip of the pen, or was forgotten: nobody there could ever see the content."""
    zones: dict[Path, str] = {("redis", "zone"): draft.redis.zone, ("responses", "zone"): draft.responses.zone}
    zones |= {("deployments", name, "zone"): deployment.zone for name, deployment in draft.deployments.items()}
    if zone == LOCAL_ZONE or zone in zones.values() or draft.declared != frozenset(draft.deployments):
        return
    if report.document.variables.get(path):
        report.error(path, f"no deployment is in the zone that is {report.document.shown(path, zone)}", "mend either")
        return
    there = report.document.written(zones) | {LOCAL_ZONE}
    remedy = nearest(zone, there) or f"give a deployment zone: {zone}, or name one of {', '.join(sorted(there))}"
    report.error(path, f"no deployment is in zone '{zone}'", remedy)
