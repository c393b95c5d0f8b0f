"""Route plans: the routes of a configuration in the router's terms, and what savings on them are counted against."""

from __future__ import annotations

from dataclasses import replace

from gateway.config.routebook import rules_of_route
from gateway.config.rulebook import further_rules_of, readable_of
from gateway.config.settings import Settings
from router.clearance import LOCAL_ZONE, Clearance
from router.lead import Claims
from router.strategy import RoutePlan


def plan_of(name: str, settings: Settings, specialists: Claims | None = None) -> RoutePlan:
    route = settings.routes[name]
    return RoutePlan(
        name=name,
        small=route.small,
        large=route.large,
        prefer=route.prefer,
        threshold=route.threshold,
        clearance=Clearance.parse(route.locality),
        policies=further_rules_of(route.policy, f"routes.{name}.policy"),
        readable=readable_of(route.unreadable),
        rules=rules_of_route(route, settings.server.timezone),
        specialists=specialists,
    )


def others_of(settings: Settings) -> dict[tuple[str, str], tuple[RoutePlan, str | None]]:
    """What routes serve besides text, by purpose and name. Savings are counted against the first that is away."""
    others: dict[tuple[str, str], tuple[RoutePlan, str | None]] = {}
    for name, route in settings.routes.items():
        for purpose, listed in (("embeddings", route.embeddings), ("moderations", route.moderations)):
            if listed:
                plan = plan_of(name, settings)
                plan = replace(plan, small=listed, large=(), prefer="auto", purpose=purpose, rules=())
                away = (deployment for deployment in listed if settings.deployments[deployment].zone != LOCAL_ZONE)
                others[purpose, name] = (plan, next(away, None))
    return others


def reference_of(name: str, settings: Settings) -> str | None:
    """The deployment that savings on a route are counted against."""
    if settings.reference is not None:
        return settings.reference
    large = settings.routes[name].large
    return large[0] if large else None
