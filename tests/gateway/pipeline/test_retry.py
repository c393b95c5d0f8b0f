"""If these fail, a server in trouble gets twice the load, or a failure that passes is a client's."""

from __future__ import annotations

import pytest

from gateway.config.retrying import Retries
from gateway.config.settings import Deployment, Route
from gateway.egress.engine import BrokenOff, Unreachable, UnreachableInTime
from gateway.egress.target import Target, target_of
from gateway.pipeline.failure import PassingRefusal
from gateway.pipeline.retry import RESERVE, Retrying
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed, UpstreamRefused, UpstreamTimedOut

DEPLOYMENTS = {
    "home": Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:1/v1"),
    "casual": Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:2/v1", if_running=True),
    "away": Deployment(zone="cloud", engine="openai", base_url="http://127.0.0.1:3/v1"),
}
TARGETS: dict[str, Target] = {name: target_of(name, each, None) for name, each in DEPLOYMENTS.items()}
AWAY, HOME = TARGETS["away"], TARGETS["home"]


def retrying(drawn: float = 0.5, **settings: float) -> Retrying:
    routes = {"r": Route(large=("away",), retries=Retries(**settings))}  # type: ignore[arg-type]
    return Retrying(routes, DEPLOYMENTS, lambda: drawn)


@pytest.mark.parametrize(
    ("error", "at_home", "away"),
    [
        (Unreachable("x"), True, True),
        (UnreachableInTime("x"), False, False),  # that took long enough
        (PassingRefusal("x"), True, True),
        (UpstreamRefused("x"), False, False),  # a wrong key stays wrong
        (BrokenOff("x"), True, False),  # nobody knows what it will be charged for
        (UpstreamFailed("x"), False, False),  # garbage, and paid for
        (UpstreamTimedOut("x"), False, False),
        (TooManyRequests("x"), False, False),  # nobody knows for how long
        (TooManyRequests("x", retry_after=60), False, False),
    ],
)
def test_only_what_may_pass_and_is_owed_for_by_nobody_is_tried_again(
    error: GatewayError, at_home: bool, away: bool
) -> None:
    assert (retrying().wait("r", HOME, error, 0, alone=True) is not None) == at_home
    assert (retrying().wait("r", AWAY, error, 0, alone=True) is not None) == away


def test_what_may_have_been_charged_is_tried_again_where_the_operator_says_so() -> None:
    assert retrying(charged=True).wait("r", AWAY, BrokenOff("x"), 0, alone=True) is not None


def test_that_something_does_not_run_which_need_not_is_no_reason_to_knock_again() -> None:
    assert retrying().wait("r", TARGETS["casual"], Unreachable("x"), 0, alone=True) is None


@pytest.mark.parametrize("drawn", [0.0, 0.5, 0.999])
def test_waits_double_up_to_a_bound_and_are_drawn(drawn: float) -> None:
    tries = retrying(drawn, per_attempt=5, first_wait=0.1, longest_wait=0.5)
    waits = [tries.wait("r", AWAY, PassingRefusal("x"), tried, alone=True) for tried in range(6)]
    assert waits == [pytest.approx(drawn * most) for most in (0.1, 0.2, 0.4, 0.5, 0.5)] + [None]


def test_a_server_that_says_how_long_is_asked_again_then_where_nobody_else_is_there() -> None:
    error = PassingRefusal("x", retry_after=1)
    assert retrying(0.0).wait("r", AWAY, error, 0, alone=True) == 1
    assert retrying(0.0).wait("r", AWAY, error, 0, alone=False) is None
    assert retrying(0.0, longest_wait=0.5).wait("r", AWAY, error, 0, alone=True) is None


def test_calls_more_are_bounded_by_a_share_of_all_calls() -> None:
    tries, more = retrying(), 0
    for _ in range(1000):
        tries.called("r", "away")
        more += tries.wait("r", AWAY, PassingRefusal("x"), 0, alone=True) is not None
    assert 100 <= more <= 100 + RESERVE
    assert tries.take("r", "home"), "each deployment has its own"


def test_a_budget_of_nothing_is_one() -> None:
    assert not retrying(budget=0.0).take("r", "away")


def test_those_who_waited_for_the_same_do_not_come_at_once() -> None:
    assert [retrying(drawn).spread(2.0) for drawn in (0.0, 0.5)] == [2.0, 3.0]
