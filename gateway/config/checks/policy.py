"""Checks of the policy: is every clearance one, and can every rule come to speak?"""

from __future__ import annotations

import re

from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from router.clearance import Clearance

_TYPE = re.compile(r"(\*|[A-Z][A-Z0-9_]*)\Z")


def check(draft: Draft, report: Report) -> None:
    everything = None  # the position of a rule that leaves nothing to those after it
    for index, rule in enumerate(draft.policy.rules):
        path = ("policy", "rules", index)
        check_clearance(rule.clearance, (*path, "clearance"), report)
        if not rule.types:
            report.error((*path, "types"), "names no type of finding", "write [EMAIL], or leave it out for all")
        for number, name in enumerate(rule.types):
            if not _TYPE.match(name):
                shown = report.document.shown((*path, "types", number), name)
                report.error((*path, "types", number), f"{shown} is no type of finding", "write it like EMAIL, or '*'")
        if everything is not None:
            report.error(path, "is never reached", f"put it before rule {everything + 1}, which takes every finding")
        elif "*" in rule.types and not rule.confidence:
            everything = index


def check_clearance(text: str, path: Path, report: Report) -> None:
    """Report a clearance that is none."""
    try:
        Clearance.parse(text)
    except ValueError:
        shown = report.document.shown(path, text)
        report.error(path, f"{shown} is no clearance", "write local, any, eu+local, masked or masked:eu+local")
