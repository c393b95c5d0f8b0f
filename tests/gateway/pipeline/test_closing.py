"""If these fail, an attempt that came to nothing stays open in the books, or is held against the wrong one."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from gateway.pipeline.attempt import Attempt
from gateway.pipeline.closing import closing
from gateway.pipeline.failure import PassingRefusal, RequestRefused
from gateway.wire.errors import BadRequest, GatewayError, TooManyRequests, UpstreamFailed
from gateway.wire.json import serialise
from tests.gateway.house import House
from tests.gateway.pipeline.test_attempt import attempt, begun

NOTHING = Decimal(0)


async def open_books(house: House) -> Attempt:
    one = attempt(house, await begun(house))
    await one.begin(serialise)
    return one


@pytest.mark.parametrize(
    ("error", "outcome", "status", "cost"),
    [
        (RequestRefused(BadRequest("x")), "error", 400, NOTHING),
        (PassingRefusal("x"), "error", 502, NOTHING),
        (TooManyRequests("x"), "error", 429, NOTHING),
        (UpstreamFailed("x"), "error", 502, None),
        (GatewayError("x"), "error", 500, NOTHING),
        (asyncio.CancelledError(), "cancelled", 499, None),
        (KeyError("a fault of ours"), "cancelled", 499, None),
    ],
)
async def test_the_books_are_closed_by_what_came_and_it_is_raised_on(
    house: House, error: BaseException, outcome: str, status: int, cost: Decimal | None
) -> None:
    one = await open_books(house)
    with pytest.raises(type(error)), closing(one):
        raise error
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.status, settlement.cost) == (outcome, status, cost)


async def test_where_nothing_happens_they_stay_open(house: House) -> None:
    one = await open_books(house)
    with closing(one):
        pass
    assert one.is_open
    assert house.settlements() == []
    one.abandoned()
