"""If these fail, an answer is kept that nobody is to have again: a sensitive one, or one that only stood in."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.stores.memory import MemoryStore
from router.clearance import ANY, LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, header
from tests.gateway.pipeline.caches import CACHED, ENCRYPTED, SECRET, entry_of, kept
from tests.servers.upstream import Upstreams

COUSIN = Principal("cousin", "lab", None, ANY)


def raw(house: House) -> list[bytes]:
    """What lies in the memory of the cache, as it lies there."""
    store = house.gateway.current.store
    assert isinstance(store, MemoryStore)
    return [kept.value for kept in store._kept.values()]


def encrypted(**more: Any) -> dict[str, Any]:
    return {"cache": {**ENCRYPTED["cache"], **more}}


@pytest.mark.parametrize("streamed", [False, True])
async def test_sensitive_answers_are_not_kept_unless_somebody_says_so(open_house: OpenHouse, streamed: bool) -> None:
    house = open_house(**CACHED)
    for asked in (call(CARD, stream=streamed), call(headers={"x-tidegate-locality": "local"}, stream=streamed)):
        for _ in range(2):
            assert header(await kept(house, asked), "x-tidegate-cache") == "miss"
    assert raw(house) == []


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_is_kept_of_them_cannot_be_read(open_house: OpenHouse, streamed: bool) -> None:
    house = open_house(**ENCRYPTED)
    await kept(house, call(CARD, stream=streamed))
    (value,) = raw(house)
    for word in (b"local-model", b"chat.completion", b"dev", b"small", b"route:"):
        assert word not in value
    again = await kept(house, call(CARD))
    assert header(again, "x-tidegate-cache") == "hit"
    assert b"local-model says" in again.body


async def test_what_was_found_makes_an_answer_sensitive_though_it_may_travel(open_house: OpenHouse) -> None:
    allowing = {"policy": {"rules": [{"types": ["CREDIT_CARD"], "action": "allow"}]}}
    house = open_house(**CACHED, **allowing)
    assert header(await kept(house, call(CARD)), "x-tidegate-clearance") == "any"
    assert raw(house) == []


async def test_of_what_was_masked_placeholders_are_kept(open_house: OpenHouse) -> None:
    masking = {"policy": {"rules": [{"types": ["CREDIT_CARD"], "action": "mask"}]}}
    house = open_house(**CACHED, **masking)
    await kept(house, call(CARD, "cloud"))
    assert len(raw(house)) == 1
    await kept(house, call(CARD, "home"))  # where nothing is masked
    assert len(raw(house)) == 1
    bounded = open_house(
        **CACHED, policy={"rules": [{"types": ["CREDIT_CARD"], "zones": ["cloud", "local"], "action": "mask"}]}
    )
    assert header(await kept(bounded, call(CARD, "cloud")), "x-tidegate-clearance") == "masked:cloud+local"
    assert raw(bounded) == []


async def test_no_secret_no_sensitive_answer(open_house: OpenHouse) -> None:
    house = open_house(**ENCRYPTED)
    await kept(house, call(CARD))
    configurations = [
        encrypted(key=SECRET + "another"),
        {"cache": {"enabled": True, "key": SECRET}},  # what was kept before is not given any more
    ]
    for number, configuration in enumerate(configurations, 2):
        before = house.gateway.adopt(house.snapshot({**house.configuration, **configuration}, number))
        assert header(await house.ask(call(CARD)), "x-tidegate-cache") == "miss"
        await house.gateway.retire(before)


async def test_a_former_secret_opens_what_it_sealed(open_house: OpenHouse) -> None:
    house = open_house(**ENCRYPTED)
    await kept(house, call(CARD))
    rotated = encrypted(key=SECRET + "another", former_keys=[SECRET])
    before = house.gateway.adopt(house.snapshot({**house.configuration, **rotated}, 2))
    assert header(await house.ask(call(CARD)), "x-tidegate-cache") == "hit"
    await house.gateway.retire(before)


async def test_nobody_shares_a_sensitive_answer(open_house: OpenHouse) -> None:
    house = open_house(**ENCRYPTED, keys=[], routes={"auto": {"small": ["small"], "cache": {"scope": "team"}}})
    await kept(house, call(CARD))
    assert raw(house) == []
    await kept(house, call())
    assert header(await house.ask(call(), COUSIN), "x-tidegate-cache") == "hit"
    alone = open_house(**ENCRYPTED)
    await kept(alone, call(CARD))
    assert header(await alone.ask(call(CARD), COUSIN), "x-tidegate-cache") == "miss"


async def test_a_key_that_stays_home_has_sensitive_answers(open_house: OpenHouse) -> None:
    house = open_house(**CACHED)
    await kept(house, call(), Principal("homely", "lab", None, LOCAL))
    assert raw(house) == []


@pytest.mark.parametrize(("model", "chosen"), [("auto", "small"), ("cloud", "large"), ("home", "small")])
async def test_an_entry_says_which_class_was_chosen(open_house: OpenHouse, model: str, chosen: str) -> None:
    house = open_house(**CACHED)
    await kept(house, call(model=model))
    entry = await entry_of(house, call(model=model))
    assert entry is not None
    assert entry.chosen == chosen


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("model", "down"), [("cloud", "cloud"), ("auto", "local")])
async def test_what_stood_in_for_the_other_class_is_not_kept(
    open_house: OpenHouse, upstreams: Upstreams, model: str, down: str, streamed: bool
) -> None:
    """Once because the one that was chosen failed, then because it was known to be down."""
    house = open_house(**CACHED)
    upstream = upstreams.cloud if down == "cloud" else upstreams.local
    upstream.always("status:500")
    asked = call(model=model, stream=streamed)
    for _ in range(8):
        assert header(await kept(house, asked), "x-tidegate-cache") == "miss"
    assert "unavailable" in str(header(await house.ask(asked), "x-tidegate-reason"))
    upstream.reset()
    assert raw(house) == []


async def test_another_of_the_same_class_stands_in_for_nobody(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**CACHED, keys=[], routes={"auto": {"small": ["small", "large"]}})
    upstreams.local.next("status:500")
    assert header(await kept(house, call()), "x-tidegate-deployment") == "large"
    assert header(await house.ask(call()), "x-tidegate-cache") == "hit"


async def test_a_class_that_has_no_deployment_is_missed_by_nobody(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """A hard prompt at a gateway without a key for the cloud; and with one, it is another question."""
    asleep = {**open_house().configuration["deployments"]}
    asleep["large"] = {**asleep["large"], "optional": True}
    routes = {"cloud": {"small": ["small"], "large": ["large"], "prefer": "large"}}
    house = open_house(**CACHED, deployments=asleep, routes=routes, keys=[])
    await kept(house, call(model="cloud"))
    assert header(await house.ask(call(model="cloud")), "x-tidegate-cache") == "hit"
    asleep["large"] = {**asleep["large"], "api_key": "now-there-is-one"}
    before = house.gateway.adopt(house.snapshot({**house.configuration, "deployments": asleep}, 2))
    reply = await house.ask(call(model="cloud"))
    assert header(reply, "x-tidegate-cache") == "miss"
    assert header(reply, "x-tidegate-deployment") == "large"
    await house.gateway.retire(before)


@pytest.mark.parametrize(
    "change",
    [
        {"prefer": "large"},
        {"prefer": "auto", "threshold": 0.9},
        {"prefer": "auto", "threshold": 0.1},
        {"small": ["large"], "large": ["small"]},
        {"large": []},
    ],
)
async def test_what_is_chosen_in_another_way_is_another_question(open_house: OpenHouse, change: dict[str, Any]) -> None:
    house = open_house(**CACHED)
    await kept(house, call())
    route = {**house.configuration["routes"]["auto"], **change}
    changed = {**house.configuration, "routes": {**house.configuration["routes"], "auto": route}}
    before = house.gateway.adopt(house.snapshot(changed, 2))
    assert header(await house.ask(call()), "x-tidegate-cache") == "miss"
    await house.gateway.retire(before)
