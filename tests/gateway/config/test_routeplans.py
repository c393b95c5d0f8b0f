"""If these fail, a route is served otherwise than it is configured, or savings are counted against another model."""

from __future__ import annotations

from typing import Any

from gateway.config.routeplans import plan_of, reference_of
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from router.clearance import LOCAL
from tests.gateway.house import settings
from tests.servers.upstream import Upstreams


def made(upstreams: Upstreams, **changes: Any) -> Settings:
    return settings_of(Settings, settings(upstreams, **changes))


def test_a_plan_is_the_route_as_configured(upstreams: Upstreams) -> None:
    routes = {"r": {"small": ["small"], "large": ["large"], "prefer": "large", "threshold": 0.3, "locality": "local"}}
    plan = plan_of("r", made(upstreams, routes=routes))
    assert (plan.name, plan.small, plan.large, plan.prefer, plan.threshold, plan.clearance) == (
        "r", ("small",), ("large",), "large", 0.3, LOCAL,
    )  # fmt: skip


def test_savings_are_counted_against_what_is_named_or_the_routes_first_large_model(upstreams: Upstreams) -> None:
    assert reference_of("auto", made(upstreams)) == "large"
    assert reference_of("home", made(upstreams)) is None
    assert reference_of("home", made(upstreams, reference="large")) == "large"
