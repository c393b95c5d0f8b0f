"""Checks across settings: what pydantic cannot see because it looks at one value at a time."""

from __future__ import annotations

from gateway.config.checks import deployments, keys, policy, routes, stores
from gateway.config.checks.report import Draft, Report
from gateway.config.document import Document

__all__ = ["Report", "check"]


def check(document: Document) -> tuple[Report, frozenset[str]]:
    """Everything that is wrong beyond the shape, and the names of the optional deployments that have no key."""
    report, draft = Report(document), Draft.of(document)
    asleep = deployments.check(draft, report)
    routes.check(draft, asleep, report)
    policy.check(draft, report)
    keys.check(draft, report)
    stores.check(draft, report)
    return report, asleep
