"""One world for all tests of this directory that change nothing about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.locality.world import World, everywhere, started
from tests.servers.valkey import ValkeyServer


@pytest.fixture(scope="session")
def world_of_session(valkey_of_session: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two workers that share a cache in a Redis."""
    with everywhere() as upstreams:
        redis = {"redis": {"url": valkey_of_session.url, "prefix": "locality"}}
        world = started(tmp_path_factory.mktemp("world"), upstreams, changes=redis, workers=2)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


@pytest.fixture
def world(world_of_session: World) -> Iterator[World]:
    """Nothing is forgotten between two tests: what was planted once is looked for ever after."""
    yield world_of_session
    assert world_of_session.stumbles() == []
