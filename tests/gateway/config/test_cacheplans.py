"""Cache plans: what a route says of its cache wins, what it leaves out is the file's, and nobody shares by accident."""

from __future__ import annotations

from gateway.config.cacheplans import CachePlan, cache_plans_of
from tests.gateway.config.harness import BASE, loaded


def plan(file: str, route: str = "{}") -> CachePlan | None:
    text = BASE.replace("large: [large]", f"large: [large], cache: {route}")
    found = cache_plans_of(loaded(f"{text}cache: {file}\n").settings).get("auto")
    return None if found is None else found._replace(classes="")


def test_what_a_route_leaves_out_is_the_files() -> None:
    file = "{enabled: true, ttl: 100, stale: 50, scope: team}"
    assert plan(file) == CachePlan(ttl=100, stale=50, scope="team")
    assert plan(file, "{ttl: 5, scope: key}") == CachePlan(ttl=5, stale=50, scope="key")
    assert plan(file, "{stale: 0}") == CachePlan(ttl=100, stale=0, scope="team")


def test_a_route_can_be_without_a_cache_and_can_have_the_only_one() -> None:
    assert plan("{}") is None
    assert plan("{enabled: true}", "{enabled: false}") is None
    assert plan("{}", "{enabled: true}") == CachePlan()
    routes = BASE.replace("large: [large]}", "large: [large], cache: {enabled: true}}\n  plain: {small: [small]}")
    assert list(cache_plans_of(loaded(routes).settings)) == ["auto"]
