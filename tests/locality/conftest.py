"""One world for all tests of this directory that change nothing about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.locality.world import World, started
from tests.servers.valkey import ValkeyServer
from tests.upstream import Upstream

NAMES = ("local-model", "eu-model", "cloud-model", "proxy")


@pytest.fixture(scope="session")
def world_of_session(valkey_of_session: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two workers that share a cache in a real Redis."""
    with ExitStack() as stack:
        home, europe, cloud, proxy = (stack.enter_context(Upstream(name)) for name in NAMES)
        redis = {"url": valkey_of_session.url, "prefix": "locality"}
        world = started(
            tmp_path_factory.mktemp("world"), (home, europe, cloud, proxy), changes={"redis": redis}, workers=2
        )
        stack.callback(world.gateway.kill)
        yield world
        world.stop()


@pytest.fixture
def world(world_of_session: World) -> Iterator[World]:
    """Nothing is forgotten between two tests: what was planted once is looked for ever after."""
    yield world_of_session
    assert world_of_session.stumbles() == []
