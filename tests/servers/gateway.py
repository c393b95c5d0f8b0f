"""Running gateways. `standard_gateway` and `gateway` are shared by the session; `start_gateway` starts a test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.configs import rich, standard
from tests.harness.faults import ALL_FAULTS
from tests.harness.gateway import Gateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

StartGateway = Callable[..., Gateway]


@pytest.fixture(scope="session")
def standard_gateway_of_session(
    upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    config = standard(upstreams_of_session.local, upstreams_of_session.cloud)
    with Gateway(tmp_path_factory.mktemp("standard"), config) as gateway:
        yield gateway


@pytest.fixture
def standard_gateway(standard_gateway_of_session: Gateway, upstreams: Upstreams) -> Gateway:
    """The documented configuration, word for word: cache in memory, one worker."""
    return standard_gateway_of_session


@pytest.fixture(scope="session")
def gateway_of_session(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    config = rich(upstreams_of_session.local, upstreams_of_session.cloud, ALL_FAULTS)
    with Gateway(tmp_path_factory.mktemp("rich"), config) as gateway:
        yield gateway


@pytest.fixture
def gateway(gateway_of_session: Gateway, upstreams: Upstreams) -> Gateway:
    """No cache; prices, several keys, and a route for each fault."""
    return gateway_of_session


@pytest.fixture(scope="session")
def pair_of_session(
    upstreams_of_session: Upstreams, valkey_of_pair: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    config = standard(upstreams_of_session.local, upstreams_of_session.cloud)
    environment = {"REDIS_URL": valkey_of_pair.url}
    with Gateway(tmp_path_factory.mktemp("pair"), config, workers=2, environment=environment) as gateway:
        yield gateway


@pytest.fixture
def pair(pair_of_session: Gateway, valkey_of_pair: ValkeyServer, upstreams: Upstreams) -> Gateway:
    """The documented configuration with two workers on Redis, `valkey_of_pair`, which is empty."""
    with valkey_of_pair.client() as client:
        client.flushall()
    return pair_of_session


@pytest.fixture
def start_gateway(upstreams: Upstreams, tmp_path: Path) -> Iterator[StartGateway]:
    """Starts gateways of the test's own, and stops those that still run; the documented configuration by default."""
    started: list[Gateway] = []

    def start(
        config: str | None = None,
        *,
        workers: int = 1,
        environment: dict[str, str] | None = None,
        listener: socket.socket | None = None,
        port: int = 0,
    ) -> Gateway:
        directory = tmp_path / f"gateway{len(started)}"
        directory.mkdir()
        text = standard(upstreams.local, upstreams.cloud) if config is None else config
        gateway = Gateway(directory, text, workers=workers, environment=environment, listener=listener)
        gateway.port = port or gateway.port
        started.append(gateway)
        gateway.start()
        return gateway

    yield start
    for gateway in started:
        gateway.__exit__(None)
