"""If these fail, a reload forgets every question, or a gateway without a semantic cache pays for one."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.app import CLOCKS
from gateway.cache.semantic.cache import SemanticCache
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from gateway.likening import Likening
from gateway.stores.memory import MemoryStore
from gateway.stores.neighbours import MemoryNeighbours
from gateway.stores.neighbours_redis import RedisNeighbours
from gateway.stores.protocol import ByteStore
from gateway.stores.redis import RedisStore
from tests.gateway.conftest import OpenHouse
from tests.gateway.pipeline.test_alike import ASKED, SAME, ask, likely, use
from tests.servers.valkey import ValkeyServer


def settings(semantic: dict[str, Any] | None, **more: Any) -> Settings:
    route = {"small": ["small"], "cache": {"semantic": semantic}}
    small = {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "m"}
    return settings_of(
        Settings, {"deployments": {"small": small}, "routes": {"home": route}, "cache": {"enabled": True}, **more}
    )


def memory() -> ByteStore:
    return MemoryStore(1_000_000, CLOCKS.steady)


def of(likening: Likening, semantic: dict[str, Any] | None, store: ByteStore | None) -> SemanticCache | None:
    return likening.of(settings(semantic), store)


@pytest.mark.parametrize("semantic", [None, {"enabled": False}])
def test_where_no_route_has_one_there_is_none(semantic: dict[str, Any] | None) -> None:
    assert of(Likening(CLOCKS), semantic, memory()) is None
    assert of(Likening(CLOCKS), {}, None) is None


def test_the_index_stays_as_long_as_the_store() -> None:
    likening, store = Likening(CLOCKS), memory()
    first, second = of(likening, {}, store), of(likening, {"longest": 100}, store)
    assert first is not None
    assert second is not None
    assert isinstance(first.index, MemoryNeighbours)
    assert second.index is first.index
    other = of(likening, {}, memory())
    assert other is not None
    assert other.index is not first.index
    likening.close()


async def test_beside_a_redis_questions_are_in_redis(valkey: ValkeyServer) -> None:
    configured = settings({}, redis={"url": valkey.url})
    store = RedisStore(configured.redis, CLOCKS.steady)
    likening = Likening(CLOCKS)
    semantic = likening.of(configured, store)
    assert semantic is not None
    assert isinstance(semantic.index, RedisNeighbours)
    assert semantic.index.zone == store.zone
    likening.close()
    await store.close()


async def test_a_reload_forgets_nothing_that_is_still_the_same(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    house.gateway.adopt(house.snapshot(house.configuration, 2))
    used, _ = await use(house, SAME)
    assert used == "hit"
    assert ask(SAME).route == "home"
