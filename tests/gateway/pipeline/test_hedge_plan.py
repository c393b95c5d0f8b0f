"""If these fail, a second server is asked for too early, or by a route that wants none."""

from __future__ import annotations

import pytest

from gateway.config.retrying import Hedge
from gateway.config.settings import Route
from gateway.egress.pace import LEAST
from gateway.pipeline.hedge_plan import QUICK, HedgePlan


def plan() -> HedgePlan:
    return HedgePlan(
        {"off": Route(), "fixed": Route(hedge=Hedge(after=0.7)), "learned": Route(hedge=Hedge(after="p95"))}
    )


def test_nothing_is_planned_where_no_route_wants_it() -> None:
    assert not HedgePlan({"off": Route()}).wanted
    assert plan().wanted


def test_each_route_has_its_own_word() -> None:
    assert plan().after("off", "d", streamed=True) is None
    assert plan().after("fixed", "d", streamed=True) == 0.7


def test_what_is_slow_is_learned_from_the_traffic() -> None:
    learning = plan()
    for _ in range(LEAST - 1):
        learning.took("d", 1.0, streamed=True)
    assert learning.after("learned", "d", streamed=True) is None
    learning.took("d", 1.0, streamed=True)
    assert learning.after("learned", "d", streamed=True) == pytest.approx(1.0, rel=0.2)
    assert learning.after("learned", "d", streamed=False) is None
    assert learning.after("learned", "other", streamed=True) is None


def test_no_second_call_is_paid_for_what_nobody_notices() -> None:
    learning = plan()
    for _ in range(LEAST):
        learning.took("d", 0.001, streamed=True)
    assert learning.after("learned", "d", streamed=True) == QUICK
