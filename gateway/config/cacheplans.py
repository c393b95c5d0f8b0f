"""Cache plans: what is kept of a route's answers, for how long and for whom, once its own settings are laid over the
file's."""

from __future__ import annotations

from typing import NamedTuple

from gateway.config.cache import Cache, RouteCache, Sensitive, Sharing
from gateway.config.settings import Route, Settings


class CachePlan(NamedTuple):
    """Of one route that has a cache. Times are in seconds; `stale` is what comes after `ttl`."""

    ttl: int = 3600
    stale: int = 0
    scope: Sharing = "key"
    sensitive: Sensitive = "never"
    classes: str = ""
    """Which deployments there are, in which class, and what chooses between them: where that is another, so is the
    answer."""

    @property
    def keeps_sensitive(self) -> bool:
        return self.sensitive == "encrypted"

    @property
    def is_shared(self) -> bool:
        """Whether one key may be given what another one asked for."""
        return self.scope != "key"


def cache_plans_of(settings: Settings) -> dict[str, CachePlan]:
    """By route; those that have no cache are not there."""
    plans = {name: plan_of(settings.cache, route.cache) for name, route in settings.routes.items()}
    return {
        name: plan._replace(classes=_classes(settings, settings.routes[name]))
        for name, plan in plans.items()
        if plan is not None
    }


def plan_of(cache: Cache, route: RouteCache) -> CachePlan | None:
    """None where nothing is kept. Where a route is shared and only the file says `encrypted`, nothing sensitive is."""
    if not (cache.enabled if route.enabled is None else route.enabled):
        return None
    plan = CachePlan(
        ttl=cache.ttl if route.ttl is None else route.ttl,
        stale=cache.stale if route.stale is None else route.stale,
        scope=cache.scope if route.scope is None else route.scope,
        sensitive=cache.sensitive if route.sensitive is None else route.sensitive,
    )
    return plan._replace(sensitive="never") if plan.is_shared else plan


def _classes(settings: Settings, route: Route) -> str:
    awake = {name for name, deployment in settings.deployments.items() if not deployment.asleep}
    classes = (route.small, route.large, route.embeddings, route.moderations)
    there = ["+".join(name for name in listed if name in awake) for listed in classes]
    return " ".join((route.prefer, str(route.threshold), *there))
