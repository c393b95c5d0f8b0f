"""Checks of teams: has each a name that keys can have, and a policy that can be followed?"""

from __future__ import annotations

from gateway.config.checks.keys import is_key_name
from gateway.config.checks.policy import check_clearance, check_policy, check_region, teams_written
from gateway.config.checks.report import Draft, Report
from gateway.config.shape import nearest


def check(draft: Draft, report: Report) -> None:
    named = {key.team for key in draft.keys.values() if key.team is not None}
    for name, team in draft.teams.items():
        path = ("teams", name)
        if not is_key_name(name):
            report.error(path, f"'{name}' is no name", "letters, digits and . _ @ + -, at most 64", at_key=True)
        elif name not in named and (close := nearest(name, teams_written(draft, report) - {name})):
            report.warn(path, "no key here belongs to this team", close)  # one that is made at run time may
        check_clearance(team.locality, (*path, "locality"), draft, report)
        check_region(team.region, path, report)
        check_policy(team.policy, (*path, "policy"), draft, report)
