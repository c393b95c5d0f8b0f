"""If these fail, one of several servers gets all the requests, a conversation wanders, or classes mix."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from gateway.egress.load import Reading
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, deployment, header, read, settings
from tests.servers.upstream import Upstreams

FREE = {"tokens": {"input": 0, "output": 0}}


def three(upstreams: Upstreams, *, a: dict[str, Any] | None = None, **route: Any) -> dict[str, Any]:
    """Three at home and one outside."""
    deployments = {
        name: deployment(upstreams.local, "local", price=FREE, load="none", **(a or {} if name == "a" else {}))
        for name in "abc"
    }
    return {
        "deployments": {**deployments, "large": deployment(upstreams.cloud, "cloud")},
        "routes": {"auto": {"small": ["a", "b", "c"], "large": ["large"], "prefer": "small", **route}},
        "keys": settings(upstreams)["keys"][:1],
    }


async def asked(house: House, text: str = "Hello", **more: Any) -> str:
    reply = await house.ask(call(text, **more))
    await read(reply)
    return header(reply, "x-tidegate-deployment") or ""


async def test_unasked_the_first_of_the_list_answers(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams))
    assert house.pipeline.parts.pools == {}
    assert {await asked(house, f"Question {n}") for n in range(10)} == {"a"}


@pytest.mark.parametrize("balance", ["weighted", "least-busy"])
async def test_requests_are_spread(open_house: OpenHouse, upstreams: Upstreams, balance: str) -> None:
    house = open_house(**three(upstreams, balance=balance))
    counts = Counter([await asked(house, f"Question {n}") for n in range(60)])
    assert counts.keys() == {"a", "b", "c"}
    assert all(room.taken == 0 for room in house.pipeline.parts.rooms.values())


async def test_the_one_with_the_fewest_requests_is_asked(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, balance="least-busy"))
    rooms = house.pipeline.parts.rooms
    rooms["a"].sit()
    rooms["b"].heard(Reading(busy=3))
    assert {await asked(house) for _ in range(10)} == {"c"}
    rooms["c"].heard(Reading(is_warm=False))
    assert {await asked(house) for _ in range(10)} == {"a"}
    rooms["a"].heard(Reading(busy=1, is_full=True))
    assert {await asked(house) for _ in range(10)} == {"b"}


async def test_weights_and_priorities_count(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, a={"weight": 50}, balance="least-busy"))
    house.pipeline.parts.rooms["a"].heard(Reading(busy=20))
    assert {await asked(house) for _ in range(10)} == {"a"}
    house = open_house(**three(upstreams, a={"priority": 1}))
    assert {await asked(house) for _ in range(10)} == {"b"}


async def test_classes_do_not_mix_and_who_is_down_stays_behind(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, balance="least-busy"))
    rooms, fleet = house.pipeline.parts.rooms, house.pipeline.parts.fleet
    for name in "abc":
        rooms[name].heard(Reading(busy=500))
    for _ in range(3):
        fleet.failed("b")
    assert {await asked(house) for _ in range(10)} == {"a", "c"}
    for name in "ac":
        for _ in range(3):
            fleet.failed(name)
    assert await asked(house) == "large"
    assert await asked(house, CARD) in {"a", "b", "c"}
    assert CARD.encode() not in upstreams.cloud.journal.raw


async def test_what_a_rule_wants_first_stays_first(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, balance="weighted", rules=[{"name": "always", "use": "b"}]))
    assert {await asked(house) for _ in range(20)} == {"b"}


async def test_a_conversation_stays_where_it_is(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, balance="least-busy", affinity=True))
    homes = {}
    for number in range(12):
        (homes[number],) = {await asked(house, f"Question {number}") for _ in range(4)}
    assert set(homes.values()) == {"a", "b", "c"}
    named = {await asked(house, f"Question {n}", headers={"x-tidegate-session": "s"}) for n in range(12)}
    keyed = {await asked(house, f"Question {n}", prompt_cache_key="k") for n in range(12)}
    assert (len(named), len(keyed)) == (1, 1)


async def test_unless_that_is_much_busier_or_down(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**three(upstreams, balance="least-busy", affinity=True))
    home = await asked(house)
    house.pipeline.parts.rooms[home].heard(Reading(busy=2))
    assert await asked(house) == home
    house.pipeline.parts.rooms[home].heard(Reading(busy=30))
    other = await asked(house)
    assert other != home
    house.pipeline.parts.rooms[home].heard(Reading())
    assert await asked(house) == other  # which has it now
    for _ in range(3):
        house.pipeline.parts.fleet.failed(other)
    assert await asked(house) != other


@pytest.mark.parametrize(("cached", "stays"), [("0.10", True), ("2.00", False)])
async def test_it_stays_as_long_as_that_is_cheaper(
    open_house: OpenHouse, upstreams: Upstreams, cached: str, stays: bool
) -> None:
    """The dear one has read the prompt already: that is worth the difference, or is not."""
    dear = {"tokens": {"input": "2", "output": "4", "cached_input": cached}}
    cheap = {"tokens": {"input": "1", "output": "4", "cached_input": "1"}}
    deployments = {
        "cheap": deployment(upstreams.cloud, "cloud", price=cheap),
        "dear": deployment(upstreams.cloud, "cloud", price=dear),
    }
    house = open_house(
        deployments=deployments,
        routes={"auto": {"large": ["cheap", "dear"], "affinity": True}},
        keys=settings(upstreams)["keys"][:1],
    )
    parts = house.pipeline.parts
    for _ in range(3):
        parts.fleet.failed("cheap")
    long = "Tell me of the tides. " * 200
    assert await asked(house, long) == "dear"
    parts.fleet.succeeded("cheap")
    assert await asked(house, "Something else") == "cheap"
    session = parts.sessions.name("dev", None, call(long).body)
    assert session is not None
    parts.sessions.keep(session, "dear", 1100, 10)
    assert (await asked(house, long) == "dear") == stays
