"""Checks of learning: is there something to learn, and may it be where it is kept?"""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report
from gateway.config.checks.stores import SHORT_KEY, SHORT_KEY_REMEDY, database_host
from gateway.config.home import is_home
from gateway.config.problems import Path
from gateway.config.settings import Route
from router.clearance import LOCAL_ZONE, Clearance, is_zone_name


def check(draft: Draft, report: Report) -> None:
    learning = draft.learning
    if not is_zone_name(learning.zone):
        report.error(("learning", "zone"), "is no zone name", "write local, cloud, or a region such as eu")
    for name, route in draft.routes.items():
        _check_route(route, ("routes", name), learning.zone, report)
    key, path = learning.key.get_secret_value(), ("learning", "key")
    if key and len(key) < SHORT_KEY:
        report.error(path, f"is shorter than {SHORT_KEY} characters", f"make one: {SHORT_KEY_REMEDY}")
    elif key and not report.document.variables.get(path):
        report.warn(path, "the key stands here in the clear", 'write "${NAME}"')
    _check_server(draft, report)


def _check_route(route: Route, path: Path, zone: str, report: Report) -> None:
    learning, here = route.learning, (*path, "learning")
    if not learning.enabled:
        if learning.capture:
            report.error((*here, "capture"), "captures nothing, for learning is off", "add enabled: true")
        return
    if not (route.small and route.large):
        report.error(
            here,
            "there is nothing to learn: what is learned is when the small model is good enough",
            "list deployments under small and under large, or leave learning out",
            at_key=True,
        )
    try:
        permits = Clearance.parse(route.locality).permits(zone)
    except ValueError:  # reported where the clearance stands
        return
    if not permits:
        report.error(
            here,
            f"nothing asked of it may be kept in zone {zone}",
            "set learning.zone to where the database runs, or leave learning out",
            at_key=True,
        )


def _check_server(draft: Draft, report: Report) -> None:
    """Only where something is kept on a server."""
    host = database_host(draft.ledger)
    used = [route.learning for route in draft.routes.values() if route.learning.enabled]
    if host is None or not used:
        return
    if not draft.learning.key.get_secret_value() and any(learning.capture for learning in used):
        report.warn(
            ("learning",),
            "replicas that share the PostgreSQL cannot read each other's captured text: each makes its own key",
            f"set learning.key to the same everywhere ({SHORT_KEY_REMEDY})",
        )
    if draft.learning.zone == LOCAL_ZONE and host and not is_home(host):
        report.warn(
            ("learning", "zone"),
            "what is kept goes where ledger.url points to, which looks public, but learning.zone is local",
            "name the zone where that PostgreSQL runs",
        )
