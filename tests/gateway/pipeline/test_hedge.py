"""If these fail, a client waits for a silent server while another could answer, or pays for what nobody sees."""

from __future__ import annotations

import asyncio
import gc
from decimal import Decimal
from typing import Any

import pytest

from gateway.wire.errors import BadRequest, NoDeployment, UpstreamFailed, UpstreamTimedOut
from router.clearance import LOCAL_ZONE
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, KEY, ONE_CALL, House, call, deployment, header, read
from tests.gateway.pipeline.full_disk import full_for
from tests.harness.wait import until
from tests.servers.upstream import Upstreams

SOON = {"hedge": {"after": 0.1}, **ONE_CALL}
PATIENT = {"connect": 5, "first_token": 5, "between_chunks": 5, "total": 10}
CHEAP = {"tokens": {"input": 1, "output": 1}}


def opened(open_house: OpenHouse, **settings: Any) -> House:
    return open_house(keys=[{"name": "dev", "key": KEY, "team": "lab"}], **settings)


def two(open_house: OpenHouse, upstreams: Upstreams, zone: str = "cloud", **more: Any) -> House:
    """Two large deployments: the first at the local upstream, the second at the other."""
    return opened(
        open_house,
        deployments={
            "first": deployment(upstreams.local, zone, timeouts=PATIENT, price=CHEAP),
            "second": deployment(upstreams.cloud, zone, timeouts=PATIENT),
        },
        **{"routes": {"auto": {"large": ["first", "second"], **SOON}}, **more},
    )


def books(house: House) -> dict[str, tuple[str, str]]:
    return {one.intent.deployment: (one.intent.role, one.outcome) for one in house.settlements()}


@pytest.mark.parametrize("stream", [False, True])
async def test_where_the_first_keeps_silent_another_is_asked_and_answers(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = two(open_house, upstreams)
    upstreams.local.always("hang")
    reply = await house.ask(call(stream=stream))
    assert b"cloud-model" in await read(reply)
    assert (header(reply, "x-tidegate-deployment"), header(reply, "x-tidegate-zone")) == ("second", "cloud")
    assert books(house) == {"first": ("hedge", "cancelled"), "second": ("answer", "ok")}
    assert [intent.role for intent in house.intents()] == ["answer", "hedge"]
    assert house.counted("tidegate_hedges_total", route="auto", result="won") == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_loser_cost_is_booked_as_unknown_and_the_receipt_says_no_sum(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    """It may have been charged for what it had read: nobody told."""
    house = two(open_house, upstreams)
    upstreams.local.always("hang")
    reply = await house.ask(call(stream=stream))
    await read(reply)
    loser, winner = sorted(house.settlements(), key=lambda one: one.intent.deployment)
    assert (loser.cost, loser.counterfactual) == (None, Decimal(0))
    assert winner.cost is not None
    assert winner.counterfactual is not None
    assert header(reply, "x-tidegate-cost-usd") is None


@pytest.mark.parametrize("stream", [False, True])
async def test_nobody_else_is_asked_where_the_first_is_quick(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = two(open_house, upstreams, routes={"auto": {"large": ["first", "second"], "hedge": {"after": 30}}})
    reply = await house.ask(call(stream=stream))
    assert b"local-model" in await read(reply)
    assert books(house) == {"first": ("answer", "ok")}
    upstreams.assert_cloud_saw_nothing()


async def test_the_first_may_yet_be_quicker_and_the_second_is_cut_off(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = two(open_house, upstreams)
    upstreams.local.always("slow_json:1")
    upstreams.cloud.always("hang")
    reply = await house.ask(call())
    assert b"local-model" in await read(reply)
    assert header(reply, "x-tidegate-deployment") == "first"
    assert books(house) == {"first": ("answer", "ok"), "second": ("hedge", "cancelled")}
    assert house.counted("tidegate_hedges_total", route="auto", result="lost") == 1
    await house.pipeline.parts.background.drained()
    until("the second one is cut off", lambda: upstreams.cloud.journal.exchanges[0].visit.closed is not None)


async def test_where_the_second_fails_the_first_is_waited_for(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = two(open_house, upstreams)
    upstreams.local.always("slow_json:1")
    upstreams.cloud.always("status:500")
    assert b"local-model" in await read(await house.ask(call()))
    assert books(house) == {"first": ("answer", "ok"), "second": ("hedge", "error")}
    assert house.counted("tidegate_hedges_total", route="auto", result="failed") == 1


async def test_where_both_fail_the_client_hears_of_the_first_and_nobody_is_asked_twice(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = opened(
        open_house,
        deployments={
            "first": deployment(upstreams.local, "cloud"),  # gives up after 0.8 s
            "second": deployment(upstreams.cloud, "cloud"),
        },
        routes={"auto": {"large": ["first", "second"], **SOON}},
    )
    upstreams.local.always("hang")
    upstreams.cloud.always("status:500")
    with pytest.raises(UpstreamTimedOut):
        await house.ask(call(stream=True))
    assert books(house) == {"first": ("answer", "error"), "second": ("hedge", "error")}
    assert len(upstreams.cloud.journal.exchanges) == 1


async def test_where_the_first_fails_after_the_second_was_asked_that_is_the_answer(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = opened(
        open_house,
        deployments={
            "first": deployment(upstreams.local, "cloud", timeouts={"total": 1}),
            "second": deployment(upstreams.cloud, "cloud", timeouts=PATIENT),
        },
        routes={"auto": {"large": ["first", "second"], **SOON}},
    )
    upstreams.local.always("hang")
    upstreams.cloud.always("slow_json:3")
    assert b"cloud-model" in await read(await house.ask(call()))
    assert books(house) == {"first": ("answer", "error"), "second": ("answer", "ok")}


async def test_a_refusal_of_the_request_is_final(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = two(open_house, upstreams)
    upstreams.local.always("status:400")
    with pytest.raises(BadRequest):
        await house.ask(call())
    upstreams.assert_cloud_saw_nothing()


async def test_away_from_home_the_same_is_asked_again_and_at_home_it_is_not(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = opened(
        open_house,
        deployments={
            "away": deployment(upstreams.cloud, "cloud", timeouts=PATIENT),
            "home": deployment(upstreams.local, LOCAL_ZONE),
        },
        routes={"auto": {"large": ["away"], **SOON}, "home": {"small": ["home"], "large": ["away"], **SOON}},
    )
    upstreams.cloud.next("hang")
    assert b"cloud-model" in await read(await house.ask(call()))
    assert [(one.intent.role, one.outcome) for one in house.settlements()] == [("hedge", "cancelled"), ("answer", "ok")]
    upstreams.cloud.reset()
    upstreams.local.next("hang")
    with pytest.raises(NoDeployment):  # there is one process at home: it would be in its own way
        await house.ask(call(CARD, model="home"))
    upstreams.assert_cloud_saw_nothing()


async def test_what_is_pinned_is_hedged_at_home_only(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(
        open_house,
        deployments={
            "one": deployment(upstreams.local, LOCAL_ZONE),
            "away": deployment(upstreams.cloud, "cloud"),
        },
        routes={"auto": {"small": ["one", "away"], **SOON}},
    )
    upstreams.local.next("hang")
    with pytest.raises(NoDeployment):
        await house.ask(call(CARD))
    upstreams.assert_cloud_saw_nothing()


async def test_there_is_no_second_call_where_the_budget_does_not_allow_it(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """The most that both can cost is held at the same time."""
    house = opened(
        open_house,
        deployments={
            "first": deployment(
                upstreams.local, "cloud", timeouts=PATIENT, price={"tokens": {"input": 0, "output": 0}}
            ),
            "second": deployment(upstreams.cloud, "cloud", timeouts=PATIENT),
        },
        routes={"auto": {"large": ["first", "second"], **SOON}},
        budgets={"none": {"amount": "0", "period": "month"}},
    )
    upstreams.local.always("slow_json:1")
    assert b"local-model" in await read(await house.ask(call()))
    assert books(house) == {"first": ("answer", "ok")}
    assert house.counted("tidegate_hedges_total", route="auto", result="failed") == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("seconds", [0.05, 0.4])
async def test_a_client_that_leaves_cuts_off_both(open_house: OpenHouse, upstreams: Upstreams, seconds: float) -> None:
    house = two(open_house, upstreams)
    upstreams.local.always("hang")
    upstreams.cloud.always("hang")
    asked = asyncio.create_task(house.ask(call(stream=True)))
    done, _ = await asyncio.wait({asked}, timeout=seconds)
    assert not done
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert {one.outcome for one in house.settlements()} == {"cancelled"}
    assert len(house.settlements()) == len(house.intents())
    await house.pipeline.parts.background.drained()


async def test_one_that_loses_again_and_again_is_asked_last(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """It would never fail otherwise: its calls are cut off before they time out."""
    house = two(open_house, upstreams)
    upstreams.local.always("hang")
    for _ in range(3):
        await read(await house.ask(call()))
    assert not house.pipeline.parts.fleet.is_up("first")
    before = len(upstreams.local.journal.exchanges)
    await read(await house.ask(call()))
    assert len(upstreams.local.journal.exchanges) == before


def alone(open_house: OpenHouse, upstreams: Upstreams, **more: Any) -> House:
    """One deployment away from home, which is asked again where it keeps silent."""
    away = deployment(upstreams.cloud, "cloud", timeouts=PATIENT, **more)
    return opened(open_house, deployments={"away": away}, routes={"auto": {"large": ["away"], **SOON}})


async def test_one_that_overtakes_itself_is_well(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """It answers every request: its breaker has no reason to open."""
    house = alone(open_house, upstreams)
    replies = []
    for _ in range(3):
        upstreams.cloud.next("hang", "stall:2")
        replies.append(await house.ask(call(stream=True)))
    assert house.pipeline.parts.fleet.is_up("away")
    for reply in replies:
        assert reply.stream is not None
        reply.stream.close()


async def test_one_that_is_asked_for_want_of_any_other_is_not_asked_twice(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = alone(open_house, upstreams, breaker={"failures": 1, "pause": 3600})
    upstreams.cloud.next("status:401")
    with pytest.raises(UpstreamFailed):
        await house.ask(call())
    assert not house.pipeline.parts.fleet.is_up("away")
    upstreams.cloud.always("slow_json:1")
    await read(await house.ask(call()))
    assert len(upstreams.cloud.journal.exchanges) == 2


async def test_a_loser_that_cannot_be_written_down_disturbs_nobody(
    open_house: OpenHouse, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = two(open_house, upstreams)
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: heard.append(what))
    upstreams.local.always("hang")
    full_for("hedge", monkeypatch)
    assert b"cloud-model" in await read(await house.ask(call()))
    assert books(house) == {"second": ("answer", "ok")}
    await house.pipeline.parts.background.drained()
    gc.collect()
    await asyncio.sleep(0)
    assert heard == []
    assert house.pipeline.parts.fleet.under_way("first") == 0  # it is looked at again when it is idle


async def test_the_winners_answer_is_kept(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = two(open_house, upstreams, cache={"enabled": True})
    upstreams.local.always("hang")
    await read(await house.ask(call(stream=True)))
    await house.pipeline.parts.background.drained()
    again = await house.ask(call())
    assert header(again, "x-tidegate-cache") == "hit"
    assert b"cloud-model" in await read(again)
