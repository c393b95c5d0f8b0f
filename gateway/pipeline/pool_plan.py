"""A route's pool as the pipeline needs it: how its deployments stand in for one another, where there is a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.pooling import Balance
from gateway.config.settings import Settings


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """`members`: priority and weight of each deployment."""

    balance: Balance
    affinity: bool
    members: Mapping[str, tuple[int, int]]


def pools_of(settings: Settings) -> dict[str, PoolPlan]:
    """Of the routes where anything but the order of the list may count: all others are left as they are."""
    plans: dict[str, PoolPlan] = {}
    for name, route in settings.routes.items():
        classes = (route.small, route.large, route.embeddings, route.moderations)
        names = {one for listed in classes if len(listed) > 1 for one in listed}
        members = {one: settings.deployments[one] for one in sorted(names)}
        if route.balance != "order" or route.affinity or any(d.concurrent or d.priority for d in members.values()):
            weighed = {one: (member.priority, member.weight) for one, member in members.items()}
            if weighed:
                plans[name] = PoolPlan(route.balance, route.affinity, weighed)
    return plans
