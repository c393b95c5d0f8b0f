"""If these fail, a route that says nothing of balancing is arranged all the same, or one that does is not."""

from __future__ import annotations

import pytest

from gateway.config.settings import Deployment, Route, Settings
from gateway.pipeline.pool_plan import PoolPlan, pools_of


def plans(route: Route, **more: object) -> dict[str, PoolPlan]:
    a = Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:9/v1", **more)  # type: ignore[arg-type]
    b = Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:8/v1")
    return pools_of(Settings(deployments={"a": a, "b": b}, routes={"auto": route}))


@pytest.mark.parametrize("route", [Route(small=("a", "b")), Route(small=("a",), large=("b",), balance="weighted")])
def test_where_there_is_no_choice_there_is_no_plan(route: Route) -> None:
    assert plans(route) == {}


def test_what_is_said_is_in_the_plan() -> None:
    found = plans(Route(small=("a", "b"), balance="weighted", affinity=True), weight=3, priority=2)
    assert found == {"auto": PoolPlan("weighted", True, {"a": (2, 3), "b": (0, 1)})}


@pytest.mark.parametrize("more", [{"priority": 1}, {"concurrent": 4}])
def test_seats_and_priorities_count_in_any_order(more: dict[str, object]) -> None:
    assert plans(Route(small=("a", "b")), **more).keys() == {"auto"}
