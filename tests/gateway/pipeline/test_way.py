"""If these fail, a request goes where it may not, is tried where it must not be, or is not written down."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest

from gateway.access.principal import Principal
from gateway.wire.errors import (
    GatewayError,
    NoDeployment,
)
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, deployment, header, settings
from tests.gateway.pipeline.test_attempts import both
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire


async def test_an_answer_passes_byte_for_byte_with_its_receipt(house: House, upstreams: Upstreams) -> None:
    reply = await house.ask(call())
    assert reply.status == 200
    assert json.loads(reply.body)["choices"][0]["message"]["content"].startswith("local-model says")
    assert header(reply, "x-tidegate-deployment") == "small"
    assert header(reply, "x-tidegate-cost-usd") == "0"
    assert upstreams.local.journal.last.json()["model"] == "local-model"
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("ok", Decimal(0))


async def test_what_is_sensitive_stays_whatever_the_route_prefers(house: House, upstreams: Upstreams) -> None:
    reply = await house.ask(call(CARD, "cloud"))
    assert header(reply, "x-tidegate-zone") == "local"
    assert header(reply, "x-tidegate-clearance") == "local"
    assert house.intents()[0].findings
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("fault", ["status:500", "reset", "garbage_json", "hang"])
async def test_what_is_sensitive_has_no_second_choice_outside(house: House, upstreams: Upstreams, fault: str) -> None:
    upstreams.local.always(fault)
    with pytest.raises(NoDeployment) as caught:
        await house.ask(call(CARD, "cloud"))
    assert (b"x-tidegate-clearance", b"local") in caught.value.headers
    upstreams.assert_cloud_saw_nothing()


async def test_a_route_without_a_deployment_inside_the_clearance_is_refused(house: House, upstreams: Upstreams) -> None:
    with pytest.raises(NoDeployment):
        await house.ask(call(CARD, "away"))
    assert house.records() == house.declined()
    (declined,) = house.declined()
    assert (declined.outcome, declined.intent.deployment, declined.intent.zone) == ("no_deployment", "", "")
    assert (declined.intent.route, declined.intent.clearance, declined.intent.key) == ("away", "local", "dev")
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("directive", ["hang", "hang_first", "status:400"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_closes_the_upstream_and_the_books(
    house: House, upstreams: Upstreams, directive: str, stream: bool
) -> None:
    upstreams.cloud.next("hang_first" if directive == "status:400" else directive)
    task = asyncio.create_task(house.ask(call(model="away", stream=stream)))
    (exchange,) = await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, exchange)
    (settlement,) = house.settlements()
    assert settlement.outcome == "cancelled"
    assert house.counted("tidegate_requests_total", route="away", status="4xx") == 1


async def test_a_whole_answer_to_a_streamed_call_is_given_up_with_its_client(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """A server that does not stream: its answer is read before any of it is sent, and the client leaves meanwhile."""
    begun, left = asyncio.Event(), asyncio.Event()

    async def half_an_answer(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await reply.head(200, {"content-type": "application/json", "content-length": "1000"})
        begun.set()
        await reader.read()  # until the other side closes
        left.set()

    async with serving(half_an_answer) as base_url:
        house = open_house(deployments=both(upstreams, large={"base_url": base_url, "timeouts": {"total": 60}}))
        task = asyncio.create_task(house.ask(call(model="away", stream=True)))
        await begun.wait()
        for _ in range(100):  # rounds of the loop, until the head has arrived
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(1):
            await left.wait()


async def test_a_full_disk_stops_the_call_before_it_is_made(house: House, upstreams: Upstreams) -> None:
    house.gateway.journal.close()
    with pytest.raises(GatewayError) as caught:
        await house.ask(call(model="away"))
    assert (caught.value.status, caught.value.code) == (503, "ledger_unavailable")
    assert house.counted("tidegate_journal_faults_total") == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("status", ["error", "refusal", "fault"])
async def test_every_request_is_counted_under_its_route(house: House, upstreams: Upstreams, status: str) -> None:
    upstreams.local.next("status:400" if status == "refusal" else "status:500")
    with pytest.raises(GatewayError):
        await house.ask(call(model="home"))
    expected = "4xx" if status == "refusal" else "5xx"
    assert house.counted("tidegate_requests_total", route="home", status=expected, stream="false") == 1


async def test_a_cloud_deployment_is_never_tried_for_a_label_of_the_caller(house: House, upstreams: Upstreams) -> None:
    reply = await house.ask(call(model="cloud", headers={"x-tidegate-locality": "local"}))
    assert header(reply, "x-tidegate-zone") == "local"
    upstreams.assert_cloud_saw_nothing()


async def test_a_region_is_enough_where_the_route_asks_for_it(open_house: OpenHouse, upstreams: Upstreams) -> None:
    base = settings(upstreams)
    house = open_house(
        deployments={**base["deployments"], "european": deployment(upstreams.cloud, "eu")},
        routes={**base["routes"], "europe": {"large": ["large", "european"], "locality": "eu+local"}},
    )
    reply = await house.ask(call(model="europe"), Principal("dev", None, None, ANY))
    assert header(reply, "x-tidegate-deployment") == "european"
