"""If these fail, the router is shown a fleet that is not there."""

from __future__ import annotations

import pytest

from gateway.config.retrying import Breaking
from gateway.config.settings import Deployment
from gateway.egress.breaker import LOADING_SECONDS
from gateway.egress.fleet import FleetHealth

FAILURES_TO_OPEN = Breaking().failures
DEPLOYMENTS = {
    "small": Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:1/v1", tools=False),
    "large": Deployment(zone="cloud", engine="openai", base_url="http://127.0.0.1:2/v1"),
}


@pytest.fixture
def told() -> list[tuple[str, str, bool]]:
    return []


@pytest.fixture
def fleet(told: list[tuple[str, str, bool]]) -> FleetHealth:
    return FleetHealth(DEPLOYMENTS, lambda: 0.0, lambda *change: told.append(change), lambda: 0.5)


def test_everything_is_taken_to_be_up_until_it_fails(fleet: FleetHealth, told: list[tuple[str, str, bool]]) -> None:
    view = fleet.view()
    assert view["small"].up
    assert view["large"].up
    assert view["small"].lacks == {"tools"}
    assert view["large"].lacks == frozenset()
    assert told == [("small", "local", True), ("large", "cloud", True)]


def test_a_deployment_that_keeps_failing_is_down_until_it_succeeds(
    fleet: FleetHealth, told: list[tuple[str, str, bool]]
) -> None:
    told.clear()
    for _ in range(FAILURES_TO_OPEN):
        fleet.failed("large")
    assert not fleet.view()["large"].up
    assert fleet.view()["small"].up
    fleet.succeeded("large")
    assert fleet.view()["large"].up
    assert told == [("large", "cloud", False), ("large", "cloud", True)]


def test_a_server_at_home_may_be_silent_until_its_model_must_be_loaded(told: list[tuple[str, str, bool]]) -> None:
    now = [0.0]
    fleet = FleetHealth(DEPLOYMENTS, lambda: now[0], lambda *change: told.append(change), lambda: 0.5)
    told.clear()
    for _ in range(FAILURES_TO_OPEN):
        now[0] += 120
        fleet.fell_silent("small", now[0] - 120)
    assert fleet.view()["small"].up
    fleet.succeeded("small")  # and is silent again later on
    now[0] += LOADING_SECONDS
    for _ in range(FAILURES_TO_OPEN):
        fleet.fell_silent("small", now[0] - 120)
    assert fleet.view()["small"].up
    now[0] += LOADING_SECONDS
    for _ in range(FAILURES_TO_OPEN):
        fleet.fell_silent("small", now[0] - 120)
    assert not fleet.view()["small"].up
    assert told == [("small", "local", False)]


def test_a_service_elsewhere_that_is_silent_fails(fleet: FleetHealth) -> None:
    for _ in range(FAILURES_TO_OPEN):
        fleet.fell_silent("large", 0.0)
    assert not fleet.view()["large"].up


def test_one_that_asks_to_be_left_alone_is_passed_over_and_nobody_is_alarmed(
    told: list[tuple[str, str, bool]],
) -> None:
    now = [0.0]
    fleet = FleetHealth(DEPLOYMENTS, lambda: now[0], lambda *change: told.append(change), lambda: 0.5)
    told.clear()
    fleet.cool("large", 5)
    fleet.succeeded("large")  # what was asked before
    assert not fleet.view()["large"].up
    assert not fleet.is_up("large")
    assert (fleet.cool_for("large"), fleet.cool_for("small")) == (5, 0)
    now[0] = 5
    assert fleet.view()["large"].up
    assert fleet.is_up("large")
    assert told == []


def test_one_request_tries_whether_a_deployment_is_well_again(told: list[tuple[str, str, bool]]) -> None:
    now = [0.0]
    fleet = FleetHealth(DEPLOYMENTS, lambda: now[0], lambda *change: told.append(change), lambda: 0.5)
    for _ in range(FAILURES_TO_OPEN):
        fleet.failed("large")
    now[0] = Breaking().pause
    assert fleet.is_up("large")
    fleet.asked("large")
    assert not fleet.is_up("large")
    assert told[-1] == ("large", "cloud", False)
    fleet.began("large")
    assert fleet.is_up("large")
    assert told[-1] == ("large", "cloud", True)


def test_a_server_that_cannot_be_reached_is_seen_to_be_away_and_to_be_back(
    fleet: FleetHealth, told: list[tuple[str, str, bool]]
) -> None:
    told.clear()
    for _ in range(FAILURES_TO_OPEN):
        fleet.seen("small", there=False)
    assert not fleet.is_up("small")
    fleet.seen("small", there=True)
    assert fleet.is_up("small")
    assert told == [("small", "local", False), ("small", "local", True)]


def test_a_deployment_is_idle_that_was_asked_nothing_for_a_while_and_is_at_nothing(
    told: list[tuple[str, str, bool]],
) -> None:
    now = [0.0]
    fleet = FleetHealth(DEPLOYMENTS, lambda: now[0], lambda *change: told.append(change), lambda: 0.5)
    now[0] = 10.0
    assert fleet.is_idle("small", 10)
    fleet.asked("small")
    assert not fleet.is_idle("small", 10)
    now[0] = 100.0
    assert not fleet.is_idle("small", 10), "it is still at it"
    assert fleet.under_way("small") == 1
    fleet.left("small")
    assert not fleet.is_idle("small", 10), "it was a moment ago"
    now[0] = 110.0
    assert fleet.is_idle("small", 10)
    assert fleet.is_idle("large", 100)


def test_that_something_does_not_run_which_need_not_is_no_news(told: list[tuple[str, str, bool]]) -> None:
    """Its requests go elsewhere, and nobody is woken for it."""
    casual = Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:3/v1", if_running=True)
    fleet = FleetHealth(
        {**DEPLOYMENTS, "casual": casual}, lambda: 0.0, lambda *change: told.append(change), lambda: 0.5
    )
    for _ in range(FAILURES_TO_OPEN):
        fleet.failed("casual")
    assert not fleet.view()["casual"].up
    fleet.succeeded("casual")
    assert fleet.view()["casual"].up
    assert {name for name, _, _ in told} == {"small", "large"}
