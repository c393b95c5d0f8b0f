"""Checks of dials: is there one meaning, and two classes to choose from?

Whether it means anything without a calibration table is found out where the tables are read (`dialtables.py`).
"""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report


def check(draft: Draft, report: Report) -> None:
    for name, route in draft.routes.items():
        dial, path = route.dial, ("routes", name, "dial")
        if dial is None:
            continue
        kinds = dial.kinds
        if len(kinds) > 1:
            given = " and ".join(kinds)
            report.error(path, f"has {given}", "a dial has one meaning: keep one of them", at_key=True)
        if kinds and "threshold" in _written(report, name):
            report.error(path, "and `threshold` are both given", "keep one of the two", at_key=True)
        if route.prefer != "auto":
            report.error(path, f"turns nothing with prefer: {route.prefer}", "leave one of the two out", at_key=True)
        elif not (route.small and route.large):
            missing = "large" if route.small else "small"
            report.error(path, "turns nothing on a route without two classes", f"list deployments under {missing}")


def _written(report: Report, route: str) -> frozenset[str]:
    """The settings of a route that stand in the file."""
    routes = report.document.data.get("routes")
    written = routes.get(route) if isinstance(routes, dict) else None
    return (
        frozenset(name for name, value in written.items() if value is not None)
        if isinstance(written, dict)
        else frozenset()
    )
