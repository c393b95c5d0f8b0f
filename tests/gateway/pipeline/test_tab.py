"""If these fail, a limit or a budget lets through what it should not, or keeps what was given back.

How they are refused in each dialect: tests/e2e/test_budgets.py.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.quota import Budget, Limits
from gateway.pipeline.bound import FRAME_TOKENS
from gateway.pipeline.tab import duration
from gateway.quota.amounts import limbs_of, quanta_of
from gateway.quota.plan import Asked
from gateway.wire.errors import BudgetSpent, BudgetUnavailable, GatewayError, LimitReached, NoDeployment
from gateway.wire.http import Reply
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, deployment, header, read, settings
from tests.gateway.house import own_call as call
from tests.servers.upstream import Upstreams

MONTH = {"period": "month"}
EXACT = {"input": "1000", "output": "1000"}  # dollars per million tokens: a thousandth of a dollar a token


def dev(**limits: Any) -> Principal:
    return Principal("dev", "lab", None, ANY, limits=Limits(**limits))


async def done(reply: Reply) -> bytes:
    """As the door does it: read to the end, and over."""
    body = await read(reply)
    if reply.stream is None and reply.over is not None:
        reply.over()
    return body


async def refused(house: House, kind: type[GatewayError], principal: Principal, **more: Any) -> GatewayError:
    with pytest.raises(kind) as caught:
        await house.ask(call(**more), principal)
    assert type(caught.value) is kind
    return caught.value


def dear(upstreams: Upstreams, **more: Any) -> dict[str, Any]:
    """What the large model costs can be counted on one's fingers."""
    deployments = settings(upstreams)["deployments"]
    return {**deployments, "large": deployment(upstreams.cloud, "cloud", price={"tokens": EXACT}, **more)}


async def test_without_limits_nothing_is_held_and_nothing_is_said(house: House) -> None:
    reply = await house.ask(call())
    assert header(reply, "x-ratelimit-limit-requests") is None
    assert house.intents()[0].held is None


async def test_requests_of_a_key_in_a_minute(house: House) -> None:
    one = dev(requests_per_minute=2)
    for left in (b"1", b"0"):
        reply = await house.ask(call(), one)
        assert (b"x-ratelimit-limit-requests", b"2") in reply.headers
        assert (b"x-ratelimit-remaining-requests", left) in reply.headers
        await done(reply)
    error = await refused(house, LimitReached, one)
    assert (error.status, error.code) == (429, "rate_limit_exceeded")
    assert error.message.startswith("Rate limit reached: this key may make 2 requests a minute. Try again in ")
    assert error.retry_after is not None
    assert 50 <= error.retry_after <= 62
    assert (b"x-ratelimit-remaining-requests", b"0") in error.headers
    (line,) = house.declined()
    assert (line.outcome, line.intent.key, line.intent.deployment) == ("limited", "dev", "")
    await house.ask(call(), Principal("other", "lab", None, ANY, limits=Limits(requests_per_minute=2)))


async def test_what_a_limit_refuses_is_sent_nowhere(house: House, upstreams: Upstreams) -> None:
    error = await refused(house, LimitReached, dev(requests_per_minute=0), model="cloud")
    assert error.retry_after is None  # no waiting helps
    assert "Try again" not in error.message
    upstreams.assert_cloud_saw_nothing()
    assert house.settlements() == []


async def test_a_team_shares_its_limit_and_a_route_its_own(open_house: OpenHouse) -> None:
    shared = Limits(requests_per_minute=1)
    alice = Principal("alice", "lab", None, ANY, team_limits=shared)
    bob = Principal("bob", "lab", None, ANY, team_limits=shared)
    limited = {"small": ["small"], "limits": {"requests_per_minute": 1}}
    house = open_house(routes={"auto": limited, "b": {"small": ["small"]}}, keys=[])
    await done(await house.ask(call(model="b"), alice))
    assert "the team of this key may make 1" in (await refused(house, LimitReached, bob, model="b")).message
    await done(await house.ask(call()))
    assert "this model may make 1" in (await refused(house, LimitReached, Principal("eve", None, None, ANY))).message


async def test_tokens_are_held_as_they_may_be_and_counted_as_they_were(house: House) -> None:
    one = dev(tokens_per_minute=1000)
    reply = await house.ask(call(max_tokens=600), one)
    first = int(header(reply, "x-ratelimit-remaining-tokens") or "")
    assert first < 1000 - 600 - 50  # a token of the prompt is at least a byte of the body
    error = await refused(house, LimitReached, one, max_tokens=600)
    assert "may use 1000 tokens a minute" in error.message
    await done(reply)
    again = await house.ask(call(max_tokens=600), one)
    used = house.settlements()[0].usage
    assert used is not None
    assert (
        int(header(again, "x-ratelimit-remaining-tokens") or "") == first - used.prompt_tokens - used.completion_tokens
    )


async def test_a_request_that_can_come_to_more_than_a_minutes_tokens_takes_them_all(house: House) -> None:
    """And waits until all are there. Otherwise it would never come through."""
    one = dev(tokens_per_minute=100)
    reply = await house.ask(call(), one)
    assert (b"x-ratelimit-remaining-tokens", b"0") in reply.headers
    await done(reply)
    error = await refused(house, LimitReached, one)
    assert error.retry_after is not None
    assert header(Reply(429, error.headers), "x-ratelimit-limit-tokens") == "100"
    assert int(header(Reply(429, error.headers), "x-ratelimit-remaining-tokens") or "") > 50
    assert (await refused(house, LimitReached, dev(tokens_per_minute=0))).retry_after is None


@pytest.mark.parametrize("streamed", [False, True])
async def test_concurrent_requests_until_the_last_byte_is_out(house: House, streamed: bool) -> None:
    one = dev(concurrent=1)
    reply = await house.ask(call(stream=streamed), one)
    error = await refused(house, LimitReached, one)
    assert "may have 1 requests under way at a time" in error.message
    assert error.retry_after == 1
    await done(reply)
    await done(await house.ask(call(), one))


@pytest.mark.parametrize("fault", ["status:500", "status:400", "reset", "hang"])
async def test_a_request_that_failed_is_no_longer_under_way(house: House, upstreams: Upstreams, fault: str) -> None:
    one = dev(concurrent=1, tokens_per_minute=100_000)
    upstreams.cloud.always(fault)
    with pytest.raises(GatewayError):
        await house.ask(call(model="away"), one)
    upstreams.cloud.always("ok")
    await done(await house.ask(call(model="away"), one))


async def spent(house: House, name: str) -> Decimal:
    """What is settled of the first budget of that name, in dollars; nothing is held any more."""
    parts = house.pipeline.parts
    assert parts.quota is not None
    concerns = parts.plan.concerns(Asked("dev", "lab", "away", frozenset()), parts.clocks.wall())
    slices = next(concern.slices for concern in concerns if concern.name == name)
    standing = await parts.quota.standing(slices)
    assert all(part is not None and part.held == 0 for part in standing)
    return sum((Decimal(part.spent) for part in standing if part is not None), Decimal(0)) / 10**12


async def test_a_budget_holds_what_a_call_can_cost_and_counts_what_it_did(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"all": {"amount": "0.5", **MONTH}})
    reply = await house.ask(call(model="away", max_tokens=100))
    (intent,), (settlement,) = house.intents(), house.settlements()
    size = len(upstreams.cloud.journal.last.body)
    assert intent.held == Decimal(size + FRAME_TOKENS + 100) / 1000
    assert settlement.cost is not None
    assert 0 < settlement.cost < Decimal("0.05")
    await done(reply)
    assert await spent(house, "all") == settlement.cost


async def test_a_budget_with_less_left_than_a_call_can_cost_refuses_it(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"lab-month": {"amount": "0.5", "team": "lab", **MONTH}})
    error = await refused(house, BudgetSpent, dev(), model="away", max_tokens=1000)
    assert (error.status, error.kind, error.code) == (429, "insufficient_quota", "insufficient_quota")
    assert error.retry_after is None
    assert "the budget `lab-month`" in error.message
    assert "It begins anew at " in error.message
    assert "0.5" not in error.message
    assert [line.outcome for line in house.declined()] == ["limited"]
    upstreams.assert_cloud_saw_nothing()
    await done(await house.ask(call(model="away", max_tokens=10)))
    await done(await house.ask(call(model="away", max_tokens=1000), Principal("eve", None, None, ANY)))


async def test_a_rolling_budget_says_what_it_counts(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": "0.5", "rolling": "24h"}})
    error = await refused(house, BudgetSpent, dev(), model="away", max_tokens=1000)
    assert "It counts the last 24h." in error.message


@pytest.mark.parametrize(
    "whose", [{}, {"key": "dev"}, {"team": "lab"}, {"route": "away"}, {"tag": "a"}, {"each": "key"}, {"each": "tag"}]
)
async def test_many_at_once_never_spend_more_than_there_is(
    open_house: OpenHouse, upstreams: Upstreams, whose: dict[str, str]
) -> None:
    """The race that budgets elsewhere lose: each looks, each finds room, all spend."""
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": "3", **whose, **MONTH}})
    asked = [house.ask(call(model="away", max_tokens=20, headers={"x-tidegate-tags": "a"})) for _ in range(40)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    held = sum((intent.held or Decimal(0) for intent in house.intents()), Decimal(0))
    assert Decimal("2.5") < held <= 3
    assert sum(isinstance(answer, BudgetSpent) for answer in answers) == 40 - len(house.intents())
    for answer in answers:
        if isinstance(answer, Reply):
            await done(answer)
    await done(await house.ask(call(model="away", max_tokens=20, headers={"x-tidegate-tags": "a"})))


async def test_a_soft_budget_refuses_nothing_and_counts(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": 0, "hard": False, **MONTH}})
    await done(await house.ask(call(model="away", max_tokens=100)))
    assert await spent(house, "b") == house.settlements()[0].cost


async def test_a_budget_of_a_key_made_at_run_time(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(deployments=dear(upstreams))
    own = (("mine", Budget(amount=Decimal("0.5"), period="day")),)
    poor = Principal("poor", None, None, ANY, budgets=own)
    error = await refused(house, BudgetSpent, poor, model="away", max_tokens=1000)
    assert "`mine`" in error.message
    await done(await house.ask(call(model="away", max_tokens=10), poor))


async def test_a_budget_that_is_spent_keeps_requests_at_home(open_house: OpenHouse, upstreams: Upstreams) -> None:
    budgets = {"b": {"amount": 0, "at_limit": "stay-local", **MONTH}}
    house = open_house(deployments=dear(upstreams), budgets=budgets)
    reply = await house.ask(call(model="cloud"))
    assert header(reply, "x-tidegate-zone") == "local"
    assert (header(reply, "x-tidegate-reason") or "").endswith("budget(b)")
    (intent,) = house.intents()
    assert (intent.deployment, intent.reason) == ("small", "budget")
    assert house.declined() == []
    assert house.counted("tidegate_decisions_total", reason="budget") == 1
    upstreams.assert_cloud_saw_nothing()
    error = await refused(house, BudgetSpent, dev(), model="away")
    assert header(Reply(429, error.headers), "x-tidegate-deployment") is None
    assert [line.outcome for line in house.declined()] == ["limited"]


async def test_where_nobody_at_home_answers_either_that_is_what_is_said(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    budgets = {"b": {"amount": 0, "at_limit": "stay-local", **MONTH}}
    house = open_house(deployments=dear(upstreams), budgets=budgets)
    upstreams.local.always("status:500")
    with pytest.raises(GatewayError) as caught:
        await house.ask(call(model="cloud"))
    assert not isinstance(caught.value, LimitReached)
    assert caught.value.status == 502
    upstreams.assert_cloud_saw_nothing()
    with pytest.raises(NoDeployment):
        await house.ask(call(CARD, model="cloud"))


async def test_the_next_deployment_takes_money_and_no_second_request(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": 100, **MONTH}})
    one = dev(requests_per_minute=10, concurrent=1)
    upstreams.local.always("status:500")
    reply = await house.ask(call(max_tokens=10), one)
    assert header(reply, "x-tidegate-deployment") == "large"
    assert (b"x-ratelimit-remaining-requests", b"9") in reply.headers
    small, large = house.intents()
    assert small.held == 0
    assert large.held is not None
    assert large.held > 0
    await done(reply)
    assert await spent(house, "b") == house.settlements()[1].cost


async def test_what_nobody_can_price_is_not_asked_unless_the_budget_says_so(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    deployments = settings(upstreams)["deployments"]
    deployments["large"] = {**deployments["large"], "price": None}
    house = open_house(deployments=deployments, budgets={"b": {"amount": 1, **MONTH}})
    error = await refused(house, BudgetSpent, dev(), model="away")
    assert "is not known" in error.message
    assert header(await house.ask(call(model="cloud")), "x-tidegate-reason") == "prefer-large; budget(b)"
    generous = open_house(deployments=deployments, budgets={"b": {"amount": 1, "unpriced": "allow", **MONTH}})
    await done(await generous.ask(call(model="away")))
    assert generous.intents()[0].held is None
    spending = open_house(deployments=deployments, budgets={"b": {"amount": 0, "unpriced": "allow", **MONTH}})
    await refused(spending, BudgetSpent, dev(), model="away")


async def test_an_unknown_cost_is_as_much_as_was_held(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": 100, **MONTH}})
    upstreams.cloud.next("hang")
    with pytest.raises(GatewayError):
        await house.ask(call(model="away", max_tokens=50))
    assert house.settlements()[0].cost is None
    assert await spent(house, "b") == house.intents()[0].held


@pytest.mark.parametrize(
    ("says", "route", "outcome"),
    [
        ("stay-local", "cloud", "local"),
        ("stay-local", "away", BudgetUnavailable),
        ("refuse", "cloud", BudgetUnavailable),
        ("allow", "away", "cloud"),
    ],
)
async def test_while_nobody_can_say_what_is_left(
    open_house: OpenHouse, upstreams: Upstreams, says: str, route: str, outcome: str | type[GatewayError]
) -> None:
    budgets = {"b": {"amount": 10, "without_store": says, **MONTH}}
    ledger = {"url": "sqlite:////proc/nowhere/ledger.db"}
    house = open_house(deployments=dear(upstreams), budgets=budgets, ledger=ledger)
    one = dev(concurrent=1)
    for _ in range(2):
        if isinstance(outcome, str):
            reply = await house.ask(call(model=route, max_tokens=10), one)
            assert header(reply, "x-tidegate-zone") == outcome
            await done(reply)
        else:
            error = await refused(house, outcome, one, model=route)
            assert (error.status, error.code, error.retry_after) == (503, "budget_unavailable", 5)
            assert house.declined()[-1].outcome == "limited"
    assert len(house.declined()) == (0 if isinstance(outcome, str) else 2)
    parts = house.pipeline.parts
    assert parts.quota is not None


async def test_an_answer_from_the_cache_is_a_request_and_no_more(open_house: OpenHouse) -> None:
    house = open_house(cache={"enabled": True})
    one = dev(requests_per_minute=2, tokens_per_minute=10_000, concurrent=1)
    await done(await house.ask(call(), one))
    await house.pipeline.parts.background.drained()
    reply = await house.ask(call(), one)
    assert header(reply, "x-tidegate-cache") == "hit"
    assert (b"x-ratelimit-remaining-requests", b"0") in reply.headers
    assert header(reply, "x-ratelimit-limit-tokens") is None
    await refused(house, LimitReached, one)
    (line,) = house.declined()
    assert (line.outcome, line.intent.reason, line.intent.zone) == ("limited", "cache", "local")
    hits = [record for record in house.settlements() if record.outcome == "hit"]
    assert len(hits) == 1


async def test_a_route_bounds_answers_of_those_who_name_no_bound(open_house: OpenHouse, upstreams: Upstreams) -> None:
    routes = {"away": {"large": ["large"], "max_tokens": 77}}
    house = open_house(deployments=dear(upstreams), routes=routes, keys=[], budgets={"b": {"amount": 100, **MONTH}})
    await done(await house.ask(call(model="away")))
    sent = upstreams.cloud.journal.last
    assert sent.json()["max_tokens"] == 77
    assert house.intents()[0].held == Decimal(len(sent.body) + FRAME_TOKENS + 77) / 1000
    await done(await house.ask(call(model="away", max_tokens=200)))
    assert upstreams.cloud.journal.last.json()["max_tokens"] == 200
    assert "max_tokens" not in call(model="away").body


async def test_nothing_stays_held_where_it_cannot_be_written_down(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(deployments=dear(upstreams), budgets={"b": {"amount": 100, **MONTH}})
    house.gateway.journal.close()
    with pytest.raises(GatewayError) as caught:
        await house.ask(call(model="away"), dev(concurrent=1))
    assert caught.value.code == "ledger_unavailable"
    house.gateway.journal.rotate()
    assert await spent(house, "b") == 0
    await done(await house.ask(call(model="away"), dev(concurrent=1)))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0ms"), (0.0004, "1ms"), (0.12, "120ms"), (1, "1s"), (1.5, "1.5s"), (60, "1m0s"), (361.25, "6m1.25s")],
)
def test_a_time_is_written_as_openai_writes_it(seconds: float, text: str) -> None:
    assert duration(seconds).decode() == text


async def test_no_request_holds_more_than_a_store_can_count(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """With an amount that Redis cannot be told, a worker told it nothing at all for as long as the request took."""
    deployments = dear(upstreams)
    deployments["large"]["price"] = {"tokens": {"input": 1_000_000, "output": 1_000_000}}  # the dearest there can be
    budgets = {"b": {"amount": 1, "hard": False, **MONTH}}
    house = open_house(deployments=deployments, budgets=budgets)
    reply = await house.ask(call(model="away", stream=True, max_tokens=2**64 - 1, n=128))
    (own,) = house.gateway._quotas._life.owns.values()
    assert 0 < limbs_of(own.held)[0] < 2**53
    await done(reply)
    assert (own.held, own.spent) == (0, quanta_of(house.settlements()[0].cost or Decimal(0)))
