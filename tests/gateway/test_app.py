"""If these fail, the parts are put together wrongly, or a reload loses what it should keep."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gateway.learning.store import LearningStore
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, header, settings
from tests.harness.heads import write_head
from tests.servers.upstream import Upstreams

CACHE: dict[str, Any] = {"enabled": True}


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
