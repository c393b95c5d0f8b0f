"""If these fail, the parts are put together wrongly, or a reload loses what it should keep."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.app import cache_secret, conversations_url, plan_of, reference_of
from gateway.config.load import load
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from gateway.learning.store import LearningStore
from router.clearance import LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, header, settings
from tests.harness.heads import write_head
from tests.servers.upstream import Upstreams

CACHE: dict[str, Any] = {"enabled": True}


def made(upstreams: Upstreams, **changes: Any) -> Settings:
    return settings_of(Settings, settings(upstreams, **changes))


def test_a_plan_is_the_route_as_configured(upstreams: Upstreams) -> None:
    routes = {"r": {"small": ["small"], "large": ["large"], "prefer": "large", "threshold": 0.3, "locality": "local"}}
    plan = plan_of("r", made(upstreams, routes=routes))
    assert (plan.name, plan.small, plan.large, plan.prefer, plan.threshold, plan.clearance) == (
        "r", ("small",), ("large",), "large", 0.3, LOCAL,
    )  # fmt: skip


def test_savings_are_counted_against_what_is_named_or_the_routes_first_large_model(upstreams: Upstreams) -> None:
    assert reference_of("auto", made(upstreams)) == "large"
    assert reference_of("home", made(upstreams)) is None
    assert reference_of("home", made(upstreams, reference="large")) == "large"


def test_the_caches_secret_is_that_of_the_keys(upstreams: Upstreams) -> None:
    """Replicas of one configuration share it; who has no key of it cannot make it."""
    one = cache_secret(made(upstreams))
    keys = settings(upstreams)["keys"]
    assert one == cache_secret(made(upstreams, keys=keys[::-1]))
    assert one != cache_secret(made(upstreams, keys=[{**keys[0], "key": "tg-other"}, keys[1]]))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("", "sqlite:///{state}/responses.db"),
        ("sqlite:///books.db", "sqlite:///{state}/responses.db"),
        ("postgres://u:p@h/d", "postgresql://u:p@h/d"),
    ],
)
def test_stored_responses_stand_beside_the_ledger_or_in_a_file_of_their_own(
    upstreams: Upstreams, tmp_path: Path, url: str, where: str
) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(json.dumps(settings(upstreams, ledger={"url": url}, state="s")))
    assert conversations_url(load(file, environ={})) == where.format(state=tmp_path / "s")


async def filled(house: House) -> None:
    await house.ask(call())
    await house.pipeline.parts.background.drained()


async def test_a_reload_does_not_empty_the_cache_where_nothing_else_changes(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(cache=CACHE)
    await filled(house)
    before = house.gateway.adopt(house.snapshot(house.configuration, 2))
    await asyncio.wait_for(house.gateway.retire(before), 1)
    assert header(await house.ask(call()), "x-tidegate-cache") == "hit"


@pytest.mark.parametrize("cache", [{"enabled": False}, {**CACHE, "max_memory_bytes": 100_000}])
async def test_a_store_that_nobody_uses_any_more_is_closed(
    open_house: OpenHouse, cache: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every reload would leave a connection to Redis behind."""
    house = open_house(cache=CACHE)
    await filled(house)
    store = house.gateway.current.store
    assert store is not None
    closed: list[int] = []
    close = store.close

    async def closing() -> None:
        closed.append(1)
        await close()

    monkeypatch.setattr(store, "close", closing)
    first = house.gateway.adopt(house.snapshot(house.configuration, 2))
    second = house.gateway.adopt(house.snapshot({**house.configuration, "cache": cache}, 3))
    await house.gateway.retire(second)
    assert closed == []  # the first still uses it
    await house.gateway.retire(first)
    assert closed == [1]
    third = house.gateway.adopt(house.snapshot(house.configuration, 4))
    await house.gateway.retire(third)
    await filled(house)
    assert header(await house.ask(call()), "x-tidegate-cache") == "hit"


async def test_a_generation_that_is_replaced_waits_for_its_last_request(house: House) -> None:
    before = house.gateway.adopt(house.snapshot(house.configuration, 2))
    before.occupancy.enter()
    retiring = asyncio.create_task(house.gateway.retire(before))
    await asyncio.sleep(0)
    assert not retiring.done()
    before.occupancy.leave()
    await asyncio.wait_for(retiring, 1)
    await house.gateway.retire(before)  # a second time does nothing


async def test_a_configurations_number_is_shown(house: House) -> None:
    house.gateway.adopt(house.snapshot(house.configuration, 7))
    assert house.counted("tidegate_config_version") == 7


def champion(house: House) -> Path:
    return house.directory / ".tidegate" / "heads" / "small" / "champion"


ASKED = {"auto": {"small": ["small"], "large": ["large"]}}


async def test_a_reload_takes_up_a_new_head(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """Also for what was answered from the cache by the head before."""
    house = open_house(cache=CACHE, routes=ASKED, keys=[{"name": "dev", "key": "tg-a-key"}])
    before = await house.ask(call())
    assert header(before, "x-tidegate-deployment") == "small"
    assert header(before, "x-tidegate-head") is None
    assert house.counted("tidegate_head_info", deployment="small", head="shipped") == 1
    await house.pipeline.parts.background.drained()
    version = write_head(champion(house), 50.0)
    retired = house.gateway.adopt(house.snapshot(house.configuration, 2))
    await asyncio.wait_for(house.gateway.retire(retired), 1)
    after = await house.ask(call())
    assert (header(after, "x-tidegate-cache"), header(after, "x-tidegate-deployment")) == ("miss", "large")
    assert header(after, "x-tidegate-head") == f"small@{version}"
    assert house.counted("tidegate_head_info", deployment="small", head="shipped") == 0
    assert house.counted("tidegate_head_info", deployment="small", head=version) == 1


async def test_a_damaged_head_stops_no_start(open_house: OpenHouse, tmp_path: Path) -> None:
    house = open_house(routes=ASKED, keys=[{"name": "dev", "key": "tg-a-key"}])
    champion(house).mkdir(parents=True)
    house.gateway.adopt(house.snapshot(house.configuration, 2))
    reply = await house.ask(call())
    assert (header(reply, "x-tidegate-deployment"), header(reply, "x-tidegate-head")) == ("small", None)
    assert house.counted("tidegate_head_faults_total", deployment="small") == 1


async def test_a_reload_loses_nothing_that_was_to_be_learned_from(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """Where the settings of the store stay, so does what is noted; where they change, it is kept first."""
    routes = settings(upstreams)["routes"]
    learning = {**routes, "auto": {**routes["auto"], "learning": {"enabled": True}}}
    house = open_house(routes=learning)
    reply = await house.ask(call())
    assert reply.over is not None
    reply.over()
    lessons = house.pipeline.parts.lessons
    assert lessons is not None
    again = house.gateway.adopt(house.snapshot(house.configuration, 2))
    assert house.pipeline.parts.lessons is lessons
    await house.gateway.retire(again)
    for number, changes in enumerate(({"learning": {"max_rows": 500}}, {"routes": routes}), 3):
        before = house.gateway.adopt(house.snapshot({**house.configuration, **changes}, number))
        await house.gateway.retire(before)
    assert house.gateway.current.lessons is None
    store = LearningStore.open(f"sqlite:///{house.directory}/.tidegate/learning.db")
    assert store.sample("req_1") is not None
    store.close()
