"""If these fail, a cascade waits for seats that its own second sample keeps, or a full small model ends it."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, header, read, settings
from tests.gateway.pipeline.cascades import PROMPT, RIGHT, WRONG, assert_books_are_whole, roles
from tests.servers.upstream import Upstreams


def opened(open_house: OpenHouse, upstreams: Upstreams, seats: int, length: int, samples: int = 1) -> House:
    found = settings(upstreams)
    found["deployments"]["small"] |= {"concurrent": seats, "queue": {"length": length}}
    cascade = {"band": [0, 1], "hold": 5.0, "samples": samples}
    routes = {**found["routes"], "auto": {"small": ["small"], "large": ["large"], "cascade": cascade}}
    return open_house(deployments=found["deployments"], routes=routes)


@pytest.mark.parametrize("stream", [False, True])
async def test_where_the_small_one_is_full_the_large_one_answers(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = opened(open_house, upstreams, seats=1, length=0)
    room = house.pipeline.parts.rooms["small"]
    assert room.sit()
    reply = await house.ask(call(PROMPT, stream=stream))
    assert header(reply, "x-tidegate-deployment") == "large"
    await read(reply)
    assert roles(house) == [("large", "answer", "ok")]
    assert room.taken == 1


async def test_a_second_sample_takes_a_free_seat_and_waits_for_none(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = opened(open_house, upstreams, seats=1, length=5, samples=2)
    upstreams.local.always(RIGHT)
    assert b"4." in await read(await house.ask(call(PROMPT)))
    assert roles(house) == [("small", "answer", "ok")]
    house = opened(open_house, upstreams, seats=2, length=5, samples=2)
    assert b"4." in await read(await house.ask(call(PROMPT)))
    assert len(house.intents()) == 2
    await house.pipeline.parts.background.drained()
    assert house.pipeline.parts.rooms["small"].taken == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_is_escalated_away_gives_its_seat_back(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = opened(open_house, upstreams, seats=1, length=5)
    upstreams.local.always(WRONG)
    reply = await house.ask(call(PROMPT, stream=stream))
    await read(reply)
    assert house.pipeline.parts.rooms["small"].taken == 0
    assert_books_are_whole(house)
