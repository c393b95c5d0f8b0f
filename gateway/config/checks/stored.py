"""Checks of keys and teams that are made at run time: the same as of those in the file, against what is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.config.checks import keys, quota, teams
from gateway.config.checks.report import Draft, Report
from gateway.config.document import Document
from gateway.config.problems import Problem
from gateway.config.quota import Budget
from gateway.config.settings import ANONYMOUS, Key, Settings, Team

_LONGEST_OWNER = 256
_MOST_BUDGETS = 16
_HASH = "sha256:" + 64 * "0"  # what is kept of it is no business of these checks


def problems_of_key(key: Key, owner: str | None, budgets: Mapping[str, Budget], settings: Settings) -> list[Problem]:
    """Everything that is wrong with it. Paths start at the key."""
    draft, report = Draft.of_settings(settings), Report(Document("", {}))
    keys.check(replace(draft, keys={0: replace(key, hash=_HASH)}), report)
    if owner is not None and not (len(owner) <= _LONGEST_OWNER and owner.isprintable()):
        report.error(("owner",), "is no single line", f"at most {_LONGEST_OWNER} characters")
    if key.name == ANONYMOUS:
        report.error(("name",), f"'{ANONYMOUS}' is the name of those without a key", "choose another")
    _check_budgets(budgets, draft, report)
    return [replace(problem, path=problem.path.removeprefix("keys[0].")) for problem in report.problems]


def problems_of_team(name: str, team: Team, budgets: Mapping[str, Budget], settings: Settings) -> list[Problem]:
    """Everything that is wrong with it. Paths start at the team."""
    draft, report = Draft.of_settings(settings), Report(Document("", {}))
    teams.check(replace(draft, teams={name: team}), report)
    _check_budgets(budgets, draft, report)
    own = f"teams.{name}"
    paths = ["name" if problem.path == own else problem.path.removeprefix(f"{own}.") for problem in report.problems]
    return [replace(problem, path=path) for problem, path in zip(report.problems, paths, strict=True)]


def _check_budgets(budgets: Mapping[str, Budget], draft: Draft, report: Report) -> None:
    if len(budgets) > _MOST_BUDGETS:
        report.error(("budgets",), f"are more than {_MOST_BUDGETS}", "each is looked at with every request")
    for name, budget in budgets.items():
        if budget.whose or budget.each:
            report.error(("budgets", name), "says whose it is", "leave that out: it belongs to what it stands in")
    quota.check(replace(draft, budgets=budgets), report)
