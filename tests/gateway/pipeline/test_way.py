"""If these fail, a request goes where it may not, is tried where it must not be, or is not written down."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.access.principal import Principal
from gateway.pipeline.way import _scope
from gateway.wire.errors import (
    BadRequest,
    GatewayError,
    NoDeployment,
    TooManyRequests,
    UpstreamFailed,
    UpstreamTimedOut,
)
from router.clearance import ANY, LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, deployment, header, read, settings
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply as Wire

CACHED = {"cache": {"enabled": True}}


def both(upstreams: Upstreams, **changes: dict[str, object]) -> dict[str, object]:
    """The two deployments, with changes to either."""
    deployments = settings(upstreams)["deployments"]
    return {name: {**deployment, **changes.get(name, {})} for name, deployment in deployments.items()}


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


@pytest.mark.parametrize("stream", [False, True])
async def test_the_next_deployment_answers_where_the_first_fails(
    house: House, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.next("status:500")
    reply = await house.ask(call(stream=stream))
    assert b"cloud-model" in await read(reply)
    first, second = house.settlements()
    assert (first.outcome, first.status, first.cost) == ("error", 502, Decimal(0))
    assert second.outcome == "ok"
    assert second.cost is not None
    assert second.cost > 0
    assert [intent.attempt_id for intent in house.intents()] == ["req_1-1", "req_1-2"]


@pytest.mark.parametrize("fault", ["reset", "close", "garbage"])
async def test_a_server_that_breaks_off_after_the_request_may_have_cost_something(
    house: House, upstreams: Upstreams, fault: str
) -> None:
    """Unknown is null, never 0: it may have generated before it went."""
    upstreams.cloud.next(fault)
    with pytest.raises(UpstreamFailed):
        await house.ask(call(model="away"))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", None)


async def test_a_server_that_cannot_be_reached_cost_nothing(house: House, upstreams: Upstreams) -> None:
    with upstreams.cloud.down(), pytest.raises(UpstreamFailed):
        await house.ask(call(model="away"))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", Decimal(0))


async def test_a_silent_server_is_a_time_out_of_unknown_cost(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("hang")
    with pytest.raises(UpstreamTimedOut):
        await house.ask(call(model="away", stream=True))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.status, settlement.cost) == ("error", 504, None)


async def test_a_rate_limit_is_passed_on_only_when_nobody_else_answers(house: House, upstreams: Upstreams) -> None:
    upstreams.local.always("status:429:7")
    assert (await house.ask(call())).status == 200
    with pytest.raises(TooManyRequests) as caught:
        await house.ask(call(model="home"))
    assert caught.value.retry_after == 7


async def test_a_refusal_of_the_request_itself_is_final_and_free(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("status:400")
    with pytest.raises(BadRequest):
        await house.ask(call())
    (settlement,) = house.settlements()
    assert (settlement.status, settlement.cost) == (400, Decimal(0))
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
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, exchange, 1)
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


async def test_the_second_time_it_comes_from_the_cache(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**CACHED)
    first = await house.ask(call())
    await house.pipeline.parts.background.drained()
    again = await house.ask(call())
    assert again.body == first.body
    assert header(again, "x-tidegate-cache") == "hit"
    assert header(again, "x-tidegate-cost-usd") == "0"
    assert len(upstreams.local.journal.exchanges) == 1
    assert [settlement.outcome for settlement in house.settlements()] == ["ok", "hit"]


async def test_the_same_question_of_another_key_is_another_question(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**CACHED)
    for name in ("dev", "other"):
        await house.ask(call(), Principal(name, "lab", None, ANY))
        await house.pipeline.parts.background.drained()
    assert len(upstreams.local.journal.exchanges) == 2


async def test_an_answer_from_outside_is_not_given_to_a_key_that_stays_home(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**CACHED)
    await house.ask(call(model="cloud"))
    await house.pipeline.parts.background.drained()
    reply = await house.ask(call(model="cloud"), Principal("dev", "lab", None, LOCAL))
    assert header(reply, "x-tidegate-zone") == "local"
    assert header(reply, "x-tidegate-cache") == "miss"


@pytest.mark.parametrize(
    ("directive", "asked"), [("no-cache", 2), ("no-store", 2), ("max-age=0", 2), ("max-age=60", 1)]
)
async def test_cache_control_is_honoured(
    open_house: OpenHouse, upstreams: Upstreams, directive: str, asked: int
) -> None:
    house = open_house(**CACHED)
    for _ in range(2):
        await house.ask(call(headers={"cache-control": directive}))
        await house.pipeline.parts.background.drained()
    assert len(upstreams.local.journal.exchanges) == asked


@pytest.mark.parametrize("fault", ["status:500", "wrong_json:empty", "wrong_json:choice"])
async def test_what_is_no_answer_is_not_kept(open_house: OpenHouse, upstreams: Upstreams, fault: str) -> None:
    house = open_house(**CACHED)
    upstreams.local.next(fault)
    for _ in range(2):
        try:
            reply = await house.ask(call(model="home"))
        except UpstreamFailed:
            continue
        await house.pipeline.parts.background.drained()
    assert json.loads(reply.body)["choices"][0]["message"]["content"].startswith("local-model says")
    assert header(reply, "x-tidegate-cache") == "miss"


async def test_a_body_nested_beyond_what_can_be_written_is_the_clients_fault(open_house: OpenHouse) -> None:
    """It can be read, but neither hashed nor sent on. Nobody's fault but the body's: no 500."""
    deep: object = "x"
    for _ in range(300):
        deep = [deep]
    for house in (open_house(), open_house(**CACHED)):
        with pytest.raises(BadRequest):
            await house.ask(call(model="home", metadata={"deep": deep}))


@pytest.mark.parametrize("status", ["error", "refusal", "fault"])
async def test_every_request_is_counted_under_its_route(house: House, upstreams: Upstreams, status: str) -> None:
    upstreams.local.next("status:400" if status == "refusal" else "status:500")
    with pytest.raises(GatewayError):
        await house.ask(call(model="home"))
    expected = "4xx" if status == "refusal" else "5xx"
    assert house.counted("tidegate_requests_total", route="home", status=expected, stream="false") == 1


async def test_a_server_that_cannot_stream_still_gives_the_client_a_stream(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("json_for_stream")
    body = await read(await house.ask(call(stream=True)))
    assert body.endswith(b"data: [DONE]\n\n")
    assert b"local-model" in body
    assert house.settlements()[0].outcome == "ok"


@pytest.mark.parametrize("choices", [[None], [{}], [{"message": None}], [{"message": "x"}], []])
@pytest.mark.parametrize("stream", [False, True])
async def test_garbage_instead_of_an_answer_is_a_failure_not_a_fault(
    open_house: OpenHouse, upstreams: Upstreams, choices: list[object], stream: bool
) -> None:
    """Choices that are none: the next deployment answers."""

    async def garbage(_: int, reader: asyncio.StreamReader, reply: Wire) -> None:
        await request_of(reader)
        await reply.json(200, {"id": "x", "object": "chat.completion", "choices": choices})

    async with serving(garbage) as base_url:
        house = open_house(deployments=both(upstreams, small={"base_url": base_url}))
        assert b"cloud-model" in await read(await house.ask(call(stream=stream)))


async def test_a_deployment_that_keeps_failing_is_tried_last(house: House, upstreams: Upstreams) -> None:
    upstreams.local.always("status:500")
    for _ in range(5):
        await house.ask(call())
    assert len(upstreams.local.journal.exchanges) == 3
    upstreams.local.always("ok")
    assert header(await house.ask(call(CARD)), "x-tidegate-deployment") == "small"


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


def test_no_key_can_be_named_like_anothers_team() -> None:
    alone, lab = Principal("team:lab", None, None, ANY), Principal("dev", "lab", None, ANY)
    assert len({_scope("team", alone), _scope("team", lab), _scope("key", lab), _scope("global", lab)}) == 4


def test_nobody_is_answered_from_what_another_of_their_name_has_asked() -> None:
    ann = Principal("ann", "lab", None, ANY, origin="1.5", team_origin="2.5")
    for scope in ("key", "team"):
        others = [replace(ann, origin="1.6", team_origin="2.6"), replace(ann, origin="", team_origin="")]
        assert len({_scope(scope, one) for one in (ann, *others)}) == 3
    assert _scope("team", ann) == _scope("team", replace(ann, name="bob", origin="9.5"))
