"""If these fail, what is asked besides a client's answer (samples, escalations, shadows, judges) spends what is not
there, or takes a limit that is the client's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.quota import Limits
from gateway.quota.plan import Asked
from gateway.wire.call import Call
from gateway.wire.errors import BudgetSpent, GatewayError, TooManyRequests, UpstreamFailed
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, deployment, header, own_call, read, settings
from tests.gateway.pipeline.cascades import PROMPT, RIGHT, WRONG, assert_books_are_whole, of, roles
from tests.gateway.pipeline.shadows import evaluated, evaluating, result
from tests.servers.upstream import Upstreams

DEAR = {"tokens": {"input": "1000", "output": "1000"}}  # a thousandth of a dollar a token
ONE = Principal("dev", "lab", None, ANY, limits=Limits(requests_per_minute=100, concurrent=1))
NOTHING: dict[str, Any] = {"b": {"amount": 0, "period": "month"}}


def call(text: str = PROMPT, **more: Any) -> Call:
    return own_call(text, **more)


def cascading(open_house: OpenHouse, upstreams: Upstreams, budgets: dict[str, Any], **cascade: Any) -> House:
    routes = settings(upstreams)["routes"]
    routes["auto"] = {"small": ["small"], "large": ["large"], "cascade": {"band": [0, 1], "hold": 5.0, **cascade}}
    deployments = settings(upstreams)["deployments"]
    deployments["large"] = deployment(upstreams.cloud, "cloud", price=DEAR)
    return open_house(routes=routes, deployments=deployments, budgets=budgets)


@pytest.mark.parametrize("at_limit", ["refuse", "stay-local"])
@pytest.mark.parametrize("stream", [False, True])
async def test_where_there_is_no_money_for_the_larger_one_the_small_answer_is_given(
    open_house: OpenHouse, upstreams: Upstreams, at_limit: str, stream: bool
) -> None:
    house = cascading(open_house, upstreams, {"b": {**NOTHING["b"], "at_limit": at_limit}})
    upstreams.local.next(WRONG)
    reply = await house.ask(call(stream=stream), ONE)
    assert b"5." in await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    reason = header(reply, "x-tidegate-reason") or ""
    assert reason.endswith("; escalation-failed(arithmetic)")
    assert ("budget(b)" in reason) == (at_limit == "stay-local")
    assert roles(house) == [("small", "answer", "ok")]
    assert_books_are_whole(house)
    assert house.declined() == []  # the request was answered
    upstreams.assert_cloud_saw_nothing()


async def test_an_escalation_and_a_second_sample_cost_money_and_are_no_further_requests(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = cascading(open_house, upstreams, {"b": {"amount": 100, "period": "month"}}, samples=2)
    upstreams.local.next(WRONG, WRONG)
    upstreams.cloud.next(RIGHT)
    reply = await house.ask(call(max_tokens=10), ONE)
    assert b"4." in await read(reply)
    assert header(reply, "x-ratelimit-remaining-requests") == "99"
    assert roles(house) == [("large", "answer", "ok"), ("small", "cascade", "ok"), ("small", "cascade", "ok")]
    assert all(intent.held is not None for intent in house.intents())
    assert of(house, "large").cost != 0
    if reply.over is not None:
        reply.over()
    await read(await house.ask(call(max_tokens=10), ONE))


async def test_a_cascade_that_may_not_ask_its_small_one_asks_the_others(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """The small one here is no less away from home, and nobody knows what it costs."""
    deployments = {
        "small": deployment(upstreams.local, "cloud", price=None),
        "large": deployment(upstreams.cloud, "cloud", price=DEAR),
    }
    routes = {"auto": {"small": ["small"], "large": ["large"], "cascade": {"band": [0, 1], "samples": 2}}}
    budgets = {"b": {"amount": 100, "period": "month"}}
    house = open_house(deployments=deployments, routes=routes, keys=[], budgets=budgets)
    reply = await house.ask(call(max_tokens=10), ONE)
    assert header(reply, "x-tidegate-deployment") == "large"
    assert (header(reply, "x-tidegate-reason") or "").endswith("; budget(b)")
    await house.pipeline.parts.background.drained()
    assert upstreams.local.journal.exchanges == ()


async def test_a_limit_that_refuses_a_cascade_leaves_nothing_behind(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = cascading(open_house, upstreams, {}, samples=2)
    with pytest.raises(GatewayError):
        await house.ask(call(), Principal("dev", None, None, ANY, limits=Limits(requests_per_minute=0)))
    await house.pipeline.parts.background.drained()
    assert upstreams.local.journal.exchanges == ()
    assert house.intents() == []


async def test_what_no_money_is_left_for_is_not_compared(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, budget="1000"), budgets=NOTHING)
    await house.ask(call(), ONE)
    await evaluated(house)
    assert result(house, "budget") == 1
    assert len(house.settlements()) == 1
    assert house.declined() == []
    upstreams.assert_cloud_saw_nothing()


async def test_shadows_and_judges_are_in_the_budget_and_in_no_limit(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**evaluating(upstreams, budget="1000"), budgets={"b": {"amount": 100, "period": "month"}})
    one = Principal("dev", "lab", None, ANY, limits=Limits(requests_per_minute=2, concurrent=1))
    for left in ("1", "0"):
        reply = await house.ask(call(), one)
        assert header(reply, "x-ratelimit-remaining-requests") == left
        if reply.over is not None:
            reply.over()
        await evaluated(house)
    assert [settlement.intent.role for settlement in house.settlements()] == ["answer", "shadow", "judge"] * 2
    held = [intent.held for intent in house.intents()]
    assert None not in held
    spent = sum((settlement.cost or Decimal(0) for settlement in house.settlements()), Decimal(0))
    assert spent > 0
    assert await settled(house) == spent


async def settled(house: House) -> Decimal:
    parts = house.pipeline.parts
    assert parts.quota is not None
    (concern,) = parts.plan.concerns(Asked("dev", "lab", "auto", frozenset()), parts.clocks.wall())
    (standing,) = await parts.quota.standing(concern.slices)
    assert standing is not None
    assert standing.held == 0
    return Decimal(standing.spent) / 10**12


async def test_a_refused_judge_is_no_label(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """The shadow's answer was paid for; the judge's cannot be any more."""
    deployments = {"large": deployment(upstreams.cloud, "cloud", price={"tokens": {"input": 0, "output": 0}})}
    house = open_house(**evaluating(upstreams, budget="1000", deployments=deployments), budgets=NOTHING)
    await house.ask(call(), ONE)
    await evaluated(house)
    assert [settlement.intent.role for settlement in house.settlements()] == ["answer", "shadow"]
    assert result(house, "budget") == 1


def test_a_spent_budget_is_not_an_upstreams_failure() -> None:
    """Else the next deployment would be asked, and be charged to the same budget."""
    assert not issubclass(BudgetSpent, TooManyRequests | UpstreamFailed)
