"""If these fail, shadow evaluation spends or does more than was allowed, or leaves something open."""

from __future__ import annotations

import asyncio

import pytest

from gateway.accounting.record import Settlement
from gateway.pipeline.shadow import MOST_WAITING, Shadows
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import call, deployment
from tests.gateway.pipeline.shadows import evaluated, evaluating, result, spending
from tests.servers.upstream import Upstreams


async def test_a_budget_is_not_overrun(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """Held is what it can cost at the most: here too much for what is left."""
    house = open_house(**evaluating(upstreams, budget="0.000001"))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1
    assert len(house.settlements()) == 1
    upstreams.assert_cloud_saw_nothing()


async def test_what_has_no_price_fits_into_no_budget(open_house: OpenHouse, upstreams: Upstreams) -> None:
    judge = deployment(upstreams.cloud, "cloud", model="judge!letter:A", price=None)
    house = open_house(**evaluating(upstreams, deployments={"judge": judge}))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1


async def test_what_it_cost_is_not_known_so_it_cost_as_much_as_it_could(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**evaluating(upstreams, "reset"))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "failed") == 1
    known = sum(one.cost for one in house.settlements() if one.cost is not None)
    assert spending(house) > known


async def test_more_than_so_many_a_minute_are_dropped(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, max_per_minute=2))
    for _ in range(4):
        await house.ask(call())
        await evaluated(house)
    assert (result(house, "large"), result(house, "busy")) == (2, 2)


async def test_one_at_a_time_and_few_wait(open_house: OpenHouse, upstreams: Upstreams) -> None:
    patient = deployment(upstreams.cloud, "cloud", timeouts={})
    house = open_house(**evaluating(upstreams, max_per_minute=100, deployments={"large": patient}))
    upstreams.cloud.next("hold")
    for _ in range(MOST_WAITING + 3):
        await house.ask(call())
    assert result(house, "busy") == 3
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    assert len([one for one in house.intents() if one.role == "shadow"]) == 1
    upstreams.cloud.release()
    await evaluated(house)
    assert result(house, "large") == MOST_WAITING


async def test_at_the_end_it_is_cancelled_and_its_books_are_closed(open_house: OpenHouse, upstreams: Upstreams) -> None:
    held = deployment(upstreams.cloud, "cloud", model="cloud-model!hold", timeouts={})
    house = open_house(**evaluating(upstreams, deployments={"large": held}))
    for _ in range(3):
        await house.ask(call())
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    shadows: Shadows = house.pipeline.shadows
    await shadows.close()
    ended: dict[str, Settlement] = {one.attempt_id: one for one in house.settlements()}
    assert {one.attempt_id for one in house.intents()} == ended.keys()
    assert [(one.intent.role, one.outcome) for one in ended.values() if one.intent.role != "answer"] == [
        ("shadow", "cancelled")
    ]
    assert result(house, "cancelled") == 3
    await house.ask(call())
    assert shadows._tasks == set()


async def test_no_more_is_shown_to_a_judge_than_money_is_held_for(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """A server that writes more than it was asked for, and does not count it."""
    wordy = deployment(upstreams.cloud, "cloud", model="cloud-model!long_line:5000")
    house = open_house(**evaluating(upstreams, deployments={"large": wordy}, max_tokens=100))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1
    assert [one.intent.role for one in house.settlements()] == ["answer", "shadow"]


@pytest.mark.parametrize("wrong", [False, True])
async def test_a_second_sample_of_a_cascade_is_not_evaluated_besides(
    open_house: OpenHouse, upstreams: Upstreams, wrong: bool
) -> None:
    given = evaluating(upstreams, of=["small", "large"])
    route = {**given["routes"]["auto"], "prefer": "auto", "cascade": {"band": [0, 1], "samples": 2}}
    house = open_house(**{**given, "routes": {"auto": route}})
    said = "say:2 + 2 = 5." if wrong else "say:2 + 2 = 4."
    upstreams.local.next(said, said)
    await house.ask(call("What is two and two?"))
    await evaluated(house)
    ended = [one.intent.role for one in house.settlements()]
    assert ended.count("shadow") == 1
    attempts = [one.attempt_id for one in house.intents()]
    assert len(set(attempts)) == len(attempts)  # else the ledger takes two for one


async def test_a_second_sample_that_nobody_was_given_is_not_compared(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    settings = evaluating(upstreams, of=["small"])
    del settings["routes"]["auto"]["prefer"]
    settings["routes"]["auto"]["cascade"] = {"band": [0, 1], "samples": 2}
    house = open_house(**settings)
    reply = await house.ask(call())
    assert b"local-model says" in reply.body
    await evaluated(house)
    assert [one.intent.role for one in house.settlements()].count("judge") == 1
    assert result(house, "large") == 1


@pytest.mark.parametrize(("asked", "sent"), [(7, 7), (5000, 100), (-1, 100), (0, 100), (True, 100), ("9", 100)])
async def test_the_other_answer_is_bounded_whatever_the_client_says(
    open_house: OpenHouse, upstreams: Upstreams, asked: object, sent: int
) -> None:
    """What is held for it is the bound: some servers take -1 for no limit at all."""
    house = open_house(**evaluating(upstreams, max_tokens=100))
    question = call()
    question.body["max_tokens"] = asked
    await house.ask(question)
    await evaluated(house)
    other, *_ = [one.json() for one in upstreams.cloud.journal.exchanges]
    assert (other["model"], other["max_tokens"]) == ("cloud-model", sent)
    assert "max_completion_tokens" not in other


async def test_no_searches_are_paid_for_a_second_time(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, of=["large"]))
    await house.ask(call(model="cloud", web_search_options={}))
    await evaluated(house)
    assert result(house, "skipped") == 1
