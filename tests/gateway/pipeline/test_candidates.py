"""If these fail, a failure that passes reaches a client, or a server that wants to be left alone is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.wire.errors import BadRequest, NoDeployment, TooManyRequests, UpstreamFailed
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, KEY, ONE_CALL, House, call, deployment, header, read
from tests.servers.upstream import Upstreams

AT_ONCE = {"retries": {"first_wait": 0}}


def house_of(open_house: OpenHouse, upstreams: Upstreams, *, alike: bool = False, **more: Any) -> House:
    """One at home and one outside; or both of one class."""
    classes = {"small": ["near", "far"]} if alike else {"small": ["near"], "large": ["far"], "prefer": "small"}
    return open_house(
        deployments={"near": deployment(upstreams.local, "local"), "far": deployment(upstreams.cloud, "cloud")},
        routes={"auto": {**classes, **AT_ONCE}, "away": {"large": ["far"], **AT_ONCE, **more}},
        keys=[{"name": "dev", "key": KEY, "team": "lab"}],
    )


def asked(house: House) -> list[str]:
    return [intent.deployment for intent in house.intents()]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [408, 500, 502, 503])
async def test_a_failure_that_passes_is_nobodys(
    open_house: OpenHouse, upstreams: Upstreams, status: int, stream: bool
) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.next(f"status:{status}")
    reply = await house.ask(call(stream=stream))
    assert b"local-model" in await read(reply)
    assert header(reply, "x-tidegate-deployment") == "near"
    first, second = house.settlements()
    assert (first.outcome, first.cost, second.outcome) == ("error", Decimal(0), "ok")
    assert house.counted("tidegate_retries_total", deployment="near") == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("fault", ["status:500", "reset"])
async def test_once_more_and_then_the_other_class(open_house: OpenHouse, upstreams: Upstreams, fault: str) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.always(fault)
    assert b"cloud-model" in await read(await house.ask(call()))
    assert asked(house) == ["near", "near", "far"]


async def test_another_of_the_same_class_is_asked_before_the_same_again(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = house_of(open_house, upstreams, alike=True)
    upstreams.local.always("status:500")
    upstreams.cloud.next("status:500")
    assert b"cloud-model" in await read(await house.ask(call()))
    assert asked(house) == ["near", "far", "far"]


@pytest.mark.parametrize("fault", ["reset", "close", "garbage", "error_in_200", "hang", "status:401", "status:504"])
async def test_what_may_be_charged_or_will_not_pass_is_not_asked_twice(
    open_house: OpenHouse, upstreams: Upstreams, fault: str
) -> None:
    house = house_of(open_house, upstreams)
    upstreams.cloud.always(fault)
    with pytest.raises(UpstreamFailed):
        await house.ask(call(model="away"))
    assert asked(house) == ["far"]


async def test_nothing_is_asked_again_once_a_byte_is_out(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.always("cut:3:rst")
    body = await read(await house.ask(call(stream=True)))
    assert b"error" in body
    assert b"[DONE]" not in body
    assert asked(house) == ["near"]


async def test_a_retry_stays_within_the_clearance(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.always("status:500")
    with pytest.raises(NoDeployment):
        await house.ask(call(CARD))
    assert asked(house) == ["near", "near"]
    upstreams.assert_cloud_saw_nothing()


async def test_one_that_asks_to_be_left_alone_is_left_alone_by_all(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.next("status:429:60")
    for _ in range(3):
        assert b"cloud-model" in await read(await house.ask(call()))
    assert asked(house) == ["near", "far", "far", "far"]


@pytest.mark.parametrize("status", [429, 503])
async def test_where_there_is_nobody_else_the_client_hears_how_long_and_no_call_is_made(
    open_house: OpenHouse, upstreams: Upstreams, status: int
) -> None:
    house = house_of(open_house, upstreams)
    upstreams.cloud.always(f"status:{status}:60")
    with pytest.raises((TooManyRequests, UpstreamFailed)) as first:
        await house.ask(call(model="away"))
    assert first.value.retry_after == 60
    with pytest.raises(TooManyRequests) as second:
        await house.ask(call(model="away"))
    assert second.value.retry_after in (59, 60)
    assert asked(house) == ["far"]
    (declined,) = house.declined()
    assert declined.outcome == "no_deployment"


async def test_pinned_content_waits_too_and_is_told_how_long(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = house_of(open_house, upstreams)
    upstreams.local.next("status:503:60")
    with pytest.raises(NoDeployment) as caught:
        await house.ask(call(CARD))
    assert caught.value.retry_after == 60
    upstreams.assert_cloud_saw_nothing()


async def test_a_short_wait_for_the_only_one_is_worth_the_while(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = house_of(open_house, upstreams)
    upstreams.cloud.next("status:429:1")
    assert b"cloud-model" in await read(await house.ask(call(model="away")))
    assert [one.outcome for one in house.settlements()] == ["error", "ok"]


async def test_a_server_that_is_busy_is_not_broken(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """It is asked again as soon as it may be: no breaker is open for it."""
    house = house_of(open_house, upstreams)
    upstreams.cloud.next("status:429:60")
    with pytest.raises(TooManyRequests):
        await house.ask(call(model="away"))
    assert house.counted("tidegate_deployment_up", deployment="far") == 1


async def test_what_was_never_sent_does_not_say_that_a_server_is_well(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """Else whoever sends what cannot be sent has others wait for a server that is down."""
    down = deployment(upstreams.local, "local", breaker={"failures": 1, "pause": 3600})
    house = open_house(
        deployments={"near": down}, routes={"home": {"small": ["near"], **ONE_CALL}}, keys=[{"name": "dev", "key": KEY}]
    )
    upstreams.local.always("status:500")
    with pytest.raises(UpstreamFailed):
        await house.ask(call(model="home"))
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(BadRequest):
        await house.ask(call(model="home", metadata=deep))
    assert not house.pipeline.parts.fleet.is_up("near")
    assert len(upstreams.local.journal.exchanges) == 1


async def test_a_retry_is_held_by_budgets_and_is_no_second_request_for_limits(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(
        deployments={"near": deployment(upstreams.local, "local"), "far": deployment(upstreams.cloud, "cloud")},
        routes={"away": {"large": ["far"], **AT_ONCE, "limits": {"requests_per_minute": 2}}},
        keys=[{"name": "dev", "key": KEY, "team": "lab"}],
        budgets={"b": {"amount": "1", "period": "month"}},
    )
    upstreams.cloud.next("status:500")
    reply = await house.ask(call(model="away", max_tokens=10))
    assert header(reply, "x-ratelimit-remaining-requests") == "1"
    assert [one.outcome for one in house.settlements()] == ["error", "ok"]
    assert all(intent.held is not None for intent in house.intents())
