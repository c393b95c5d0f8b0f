"""Checks of what callers without a key may use: only routes that lead nowhere but home."""

from __future__ import annotations

import ipaddress

from gateway.config.checks.report import Draft, Report
from gateway.config.settings import ANONYMOUS
from gateway.config.shape import nearest
from router.clearance import LOCAL_ZONE


def check(draft: Draft, report: Report) -> None:
    names = draft.server.anonymous
    for index, name in enumerate(names):
        here = ("server", "anonymous", index)
        if name not in draft.route_names:
            shown = report.document.shown(here, name)
            report.error(here, f"there is no route {shown}", nearest(name, draft.route_names))
        elif name in names[:index]:
            report.error(here, f"'{name}' is listed twice", "remove one")
        elif away := _away(name, draft):
            report.error(
                here,
                f"route '{name}' leads out of the house, to {', '.join(away)}",
                "list routes whose deployments are all in zone local",
            )
    if not names:
        return
    if not _is_loopback(draft.server.host):
        report.warn(
            ("server", "anonymous"),
            "the gateway listens to other machines as well",
            "leave this out if anything here passes requests on without saying so, as a plain TCP proxy does",
        )
    for position, key in draft.keys.items():
        if key.name == ANONYMOUS:
            report.error(("keys", position, "name"), f"'{ANONYMOUS}' stands for callers without a key", "rename it")


def _away(route: str, draft: Draft) -> list[str]:
    """The deployments of a route that do not run at home, also those that are asleep for now."""
    found = draft.routes.get(route)
    specialists = tuple(specialist.deployment for specialist in found.specialists) if found else ()
    judges = (found.shadow.judge,) if found and found.shadow else ()
    listed = (*found.small, *found.large, *found.embeddings, *specialists, *judges) if found else ()
    known = (name for name in dict.fromkeys(listed) if name in draft.deployments)
    return [name for name in known if draft.deployments[name].zone != LOCAL_ZONE]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
