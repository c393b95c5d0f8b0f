"""If these fail, a call that no client sees escapes the guard, or its cost the books."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.accounting.record import Declined
from gateway.egress.guard import LocalityRefused
from gateway.pipeline.admit import admit
from gateway.pipeline.aside import ask, beside
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from gateway.wire.errors import BadRequest, GatewayError, TooManyRequests, UpstreamFailed, UpstreamRefused
from tests.gateway.house import CARD, DEVELOPER, EASY, House, call
from tests.servers.upstream import Upstreams


async def answered(house: House, text: str = EASY) -> Exchange:
    """A request that was decided on, and had one attempt."""
    exchange = admit(house.pipeline.parts, call(text, "cloud"), DEVELOPER)
    await decide(house.pipeline.parts, exchange)
    exchange.next_attempt_id()
    return exchange


async def asked(house: House, exchange: Exchange, name: str = "large") -> tuple[dict[str, object], Attempt]:
    parts = house.pipeline.parts
    assert exchange.decision is not None
    own = beside(parts, exchange, exchange.call, exchange.decision)
    attempt = Attempt(parts, own, parts.targets["cloud"][name], "shadow")
    return await ask(parts, own, attempt, written), attempt


def written(body: Mapping[str, object]) -> bytes:
    return json.dumps({**body, "model": "cloud-model", "seed": 7}).encode()


async def test_what_is_sent_is_what_was_written_of_what_may_be_seen(house: House, upstreams: Upstreams) -> None:
    said, attempt = await asked(house, await answered(house))
    assert said["object"] == "chat.completion"
    assert upstreams.cloud.journal.last.json()["seed"] == 7
    (settlement,) = house.settlements()
    assert (settlement.intent.attempt_id, settlement.intent.role, settlement.outcome) == ("req_1-2", "shadow", "ok")
    assert (settlement.cost, settlement.cache) == (attempt.cost, "off")
    assert attempt.cost is not None
    assert attempt.cost > 0


async def test_it_is_tagged_as_the_request_was(house: House) -> None:
    exchange = await answered(house)
    exchange.tags = frozenset({"batch"})
    await asked(house, exchange)
    (settlement,) = house.settlements()
    assert settlement.intent.tags == ("batch",)


async def test_the_requests_own_receipt_stays_as_it_was(house: House) -> None:
    exchange = await answered(house)
    exchange.receipt.masked = "EMAIL:1"
    await asked(house, exchange)
    assert (exchange.receipt.masked, exchange.receipt.deployment) == ("EMAIL:1", "")


async def test_the_guard_is_asked(house: House, upstreams: Upstreams) -> None:
    with pytest.raises(LocalityRefused):
        await asked(house, await answered(house, CARD))
    (record,) = house.records()
    assert isinstance(record, Declined)
    assert record.intent.role == "shadow"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(
    ("fault", "error", "cost"),
    [
        ("status:500", UpstreamRefused, Decimal(0)),
        ("status:429:7", TooManyRequests, Decimal(0)),
        ("quote:400", BadRequest, Decimal(0)),
        ("reset", UpstreamFailed, None),
        ("garbage_json", UpstreamFailed, None),
        ("error_in_200", UpstreamFailed, None),
        ("hang", UpstreamFailed, None),
    ],
)
async def test_no_answer_is_an_error_and_settled(
    house: House, upstreams: Upstreams, fault: str, error: type[GatewayError], cost: Decimal | None
) -> None:
    upstreams.cloud.always(fault)
    with pytest.raises(error):
        await asked(house, await answered(house))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost) == ("error", cost)


async def test_what_is_cut_short_by_the_end_is_settled(house: House, upstreams: Upstreams) -> None:
    parts = house.pipeline.parts
    large = parts.targets["cloud"]["large"]
    large = replace(large, patience=large.patience._replace(first_token=60.0, total=60.0))
    upstreams.cloud.always("hold")
    exchange = await answered(house)
    assert exchange.decision is not None
    own = beside(parts, exchange, exchange.call, exchange.decision)
    task = asyncio.create_task(ask(parts, own, Attempt(parts, own, large, "judge"), written))
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.intent.role) == ("cancelled", "judge")


async def test_nobody_is_asked_beside_a_request_who_wants_to_be_left_alone(house: House, upstreams: Upstreams) -> None:
    house.pipeline.parts.fleet.cool("large", 60)
    with pytest.raises(TooManyRequests):
        await asked(house, await answered(house))
    assert house.records() == []
    upstreams.assert_cloud_saw_nothing()
