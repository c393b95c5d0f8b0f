"""What keeps a dial from having one meaning."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, said


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ("dial: {share: 0.3, cost: 2}", "routes.r.dial: has share and cost; a dial has one meaning"),
        ("threshold: 0.4, dial: {share: 0.3}", "routes.r.dial: and `threshold` are both given; keep one of the two"),
        ("threshold: 0.5, dial: {share: 0.3}", "routes.r.dial: and `threshold` are both given"),
        ("prefer: large, dial: {share: 0.3}", "routes.r.dial: turns nothing with prefer: large"),
        ("dial: {share: 1.5}", "routes.r.dial.share: must be less than or equal to 1"),
        ("dial: {cost: -1}", "routes.r.dial.cost: must be greater than or equal to 0"),
        ("dial: {speed: 1}", "routes.r.dial.speed: unknown key 'speed'"),
        ("dial: {share: 0.3, callers: yes}", "routes.r.dial.callers: must be 'lower', 'any' or 'none', not 'yes'"),
        (
            "dial: {quality: 0.95}",
            "routes.r.dial.quality: means nothing yet: the route is not calibrated; run `tide",
        ),
        ("dial: {cost: 2.5}", "routes.r.dial.cost: means nothing yet: the route is not calibrated; run `tidegate cal"),
    ],
)
def test_bad_ones(route: str, problem: str) -> None:
    (found,) = said(f"{BASE}  r: {{small: [small], large: [large], {route}}}\n")
    assert found.startswith(f":6: {problem}")


@pytest.mark.parametrize("classes", ["small: [small]", "large: [large]"])
def test_a_route_of_one_class_has_nothing_to_turn(classes: str) -> None:
    (found,) = said(f"{BASE}  r: {{{classes}, dial: {{share: 0.3}}}}\n")
    assert found.startswith(":6: routes.r.dial: turns nothing on a route without two classes; list deployments under ")


@pytest.mark.parametrize(
    "dial", ["{share: 0.3}", "{threshold: 0.4}", "{callers: none}", "{share: 0.3, callers: any}", "{}", ""]
)
def test_good_ones(dial: str) -> None:
    assert said(f"{BASE}  r: {{small: [small], large: [large], dial: {dial}}}\n") == []


def test_a_threshold_beside_what_callers_may_is_no_second_dial() -> None:
    assert said(f"{BASE}  r: {{small: [small], large: [large], threshold: 0.4, dial: {{callers: none}}}}\n") == []
