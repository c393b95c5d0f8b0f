"""Checks across settings: what pydantic cannot see because it looks at one value at a time."""

from __future__ import annotations

from gateway.config.checks import (
    alerts,
    anonymous,
    cache,
    cascade,
    cors,
    deployments,
    detection,
    dial,
    keys,
    learning,
    policy,
    pooling,
    prices,
    quota,
    redis,
    retrying,
    routes,
    routing,
    semantic,
    shadow,
    specialists,
    stores,
    teams,
)
from gateway.config.checks.report import Draft, Report
from gateway.config.document import Document

__all__ = ["Report", "check"]


def check(document: Document) -> Report:
    """Everything that is wrong beyond the shape."""
    report, draft = Report(document), Draft.of(document)
    deployments.check(draft, report)
    prices.check(draft, report)
    routes.check(draft, report)
    routing.check(draft, report)
    pooling.check(draft, report)
    specialists.check(draft, report)
    dial.check(draft, report)
    cascade.check(draft, report)
    retrying.check(draft, report)
    policy.check(draft, report)
    detection.check(draft, report)
    keys.check(draft, report)
    teams.check(draft, report)
    quota.check(draft, report)
    anonymous.check(draft, report)
    cors.check(draft, report)
    stores.check(draft, report)
    redis.check(draft, report)
    cache.check(draft, report)
    semantic.check(draft, report)
    learning.check(draft, report)
    shadow.check(draft, report)
    alerts.check(draft, report)
    return report
