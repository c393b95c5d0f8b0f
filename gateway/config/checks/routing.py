"""Checks of routing rules: can each one hold, does it come to speak, and is there somebody to go to?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import available_timezones

from gateway.config.checks.policy import check_names
from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from gateway.config.routebook import LARGE, SMALL, rule_of
from gateway.config.routing import Bounds, Conditions, Length, RoutingRule
from gateway.config.settings import Route
from gateway.config.shape import nearest
from gateway.config.timezone import zone_of
from router.expression import wrong_expression
from router.hours import days_of, span_of
from router.language import LANGUAGES, UNKNOWN
from router.occasion import LONGEST_TAG
from router.routing_rules import RoutingRule as Rule

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")  # goes into a header and into the audit
_TAG = re.compile(rf"[^\s,][^,]{{0,{LONGEST_TAG - 1}}}\Z")
_LISTS = ("keys", "teams", "tags", "languages", "modalities", "days")


def check(draft: Draft, report: Report) -> None:
    check_zone(draft.server.timezone, ("server", "timezone"), report)
    for name, route in draft.routes.items():
        _check_rules(route, ("routes", name), draft, report)


def _check_rules(route: Route, path: Path, draft: Draft, report: Report) -> None:
    names: set[str] = set()
    before: list[tuple[str, Rule]] = []
    for index, rule in enumerate(route.rules):
        here = (*path, "rules", index)
        found = len(report.problems)
        _check_name(rule.name, (*here, "name"), names, report)
        _check_use(rule, route, here, draft, report)
        _check_conditions(rule.when, (*here, "when"), draft, report)
        if len(report.problems) > found:
            continue
        try:
            made = rule_of(rule, route, draft.server.timezone)
        except ValueError:  # of the server's time zone, which is reported where it stands
            continue
        if earlier := next((name for name, other in before if other.includes(made)), ""):
            remedy = f"put it before '{earlier}', which is for all that it is for, or leave it out"
            report.error(here, f"rule '{rule.name}' is never reached", remedy)
        before.append((rule.name, made))


def _check_name(name: str, path: Path, names: set[str], report: Report) -> None:
    if not NAME.match(name):
        shown = report.document.shown(path, name)
        report.error(path, f"{shown} is no name for a rule", "letters, digits and . _ -, at most 64")
    elif name in names:
        report.error(path, f"{report.document.shown(path, name)} is the name of two rules", "rename one")
    names.add(name)


def _check_use(rule: RoutingRule, route: Route, path: Path, draft: Draft, report: Report) -> None:
    here = (*path, "use")
    mine = (*route.small, *route.large, *(specialist.deployment for specialist in route.specialists))
    shown = report.document.shown(here, rule.use)
    if rule.use in (SMALL, LARGE):
        if not (route.small if rule.use == SMALL else route.large):
            report.error(here, f"the route has no {rule.use} deployment", f"list one under {rule.use}")
    elif rule.use not in draft.declared:
        report.error(here, f"there is no deployment {shown}", nearest(rule.use, (SMALL, LARGE, *draft.declared)))
    elif rule.use not in mine:
        report.error(here, f"{shown} is no deployment of this route", "list it under small, large or specialists")


def _check_conditions(when: Conditions, path: Path, draft: Draft, report: Report) -> None:
    for name in _LISTS:
        if getattr(when, name) == ():
            report.error((*path, name), "is empty, so it never holds", "name at least one, or leave it out")
    for selector in ("keys", "teams"):
        check_names(selector, getattr(when, selector) or (), (*path, selector), draft, report)
    check_tags(when.tags or (), path, report)
    for number, language in enumerate(when.languages or ()):
        if language not in (*LANGUAGES, UNKNOWN):
            here = (*path, "languages", number)
            shown = report.document.shown(here, language)
            report.error(
                here, f"{shown} is no language that is told", f"write one of {', '.join(LANGUAGES)}, {UNKNOWN}"
            )
    if when.length is not None:
        _check_length(when.length, (*path, "length"), report)
    for name in ("turns", "temperature", "max_tokens"):
        if (bounds := getattr(when, name)) is not None:
            _check_bounds(bounds, (*path, name), report)
    for name in ("matches", "system_matches"):
        pattern, here = getattr(when, name), (*path, name)
        if pattern is not None and (wrong := wrong_expression(pattern)):
            report.error(here, f"{report.document.shown(here, pattern)} {wrong}", "write another, or leave it out")
    _check_time(when, path, report)


def _check_length(length: Length, path: Path, report: Report) -> None:
    low, high = length.longer_than, length.shorter_than
    if low is None and high is None:
        report.error(path, "says nothing", "write longer_than or shorter_than")
    elif high == 0 or (low is not None and high is not None and low + 1 >= high):
        report.error(path, "never holds: nothing is both longer and shorter", "longer_than is the smaller one")


def _check_bounds(bounds: Bounds, path: Path, report: Report) -> None:
    low, high = bounds.at_least, bounds.at_most
    if low is None and high is None:
        report.error(path, "says nothing", "write at_least or at_most")
    elif low is not None and high is not None and low > high:
        report.error(path, "never holds: at_least is more than at_most", "swap them")
    elif high is not None and high < 0:
        report.error(path, "never holds: nothing is below 0", "leave it out")


def _check_time(when: Conditions, path: Path, report: Report) -> None:
    for name, read, remedy in (
        ("hours", span_of, "write it like 22:00-06:00"),
        ("days", days_of, "write mon, tue, wed, thu, fri, sat, sun, or mon-fri"),
    ):
        value, here = getattr(when, name), (*path, name)
        try:
            if value:
                read(value)
        except ValueError:
            said = report.document.shown(here, value) if isinstance(value, str) else "one of these"
            report.error(here, f"{said} is no {'span of the day' if name == 'hours' else 'day'}", remedy)
    if when.timezone is not None:
        check_zone(when.timezone, (*path, "timezone"), report)
        if when.hours is None and when.days is None:
            report.error((*path, "timezone"), "means nothing without hours or days", "leave it out, or add hours")


def check_zone(name: str, path: Path, report: Report) -> None:
    """Report a time zone that this machine does not know."""
    try:
        zone_of(name)
    except ValueError:
        there = available_timezones()
        remedy = nearest(name, there) or "write it like Europe/Berlin" if there else "install the package tzdata"
        report.error(path, f"there is no time zone {report.document.shown(path, name)} on this machine", remedy)


def check_tags(tags: Sequence[str], path: Path, report: Report) -> None:
    """Those of a rule or of a key."""
    for number, tag in enumerate(tags):
        here = (*path, "tags", number)
        if not is_tag(tag):
            shown = report.document.shown(here, tag)
            report.error(here, f"{shown} is no tag", f"a tag has no comma and at most {LONGEST_TAG} characters")


def is_tag(text: str) -> bool:
    return _TAG.match(text) is not None and text == text.strip() and text.isprintable()
