"""A real Redis, from the system's package `redis-server`: alone, and as the one node of a Cluster.

Where it is not installed the tests are left out, and say so; with `CI` set that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.harness.ports import free_port
from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

_SLOTS = 16384  # of every Cluster


def program() -> str:
    path = shutil.which("redis-server")
    if path is None:
        text = "redis-server is not installed (Debian: apt-get install redis-server)"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return path


@pytest.fixture(scope="session")
def redis_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path_factory.mktemp("redis"), program()) as server:
        yield server


@pytest.fixture
def redis_server(redis_of_session: ValkeyServer) -> ValkeyServer:
    with redis_of_session.client() as client:
        client.flushall()
    return redis_of_session


@pytest.fixture(scope="session")
def cluster_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    with ValkeyServer(tmp_path_factory.mktemp("cluster"), program(), options) as server:
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", str(_SLOTS - 1))
            until("a Cluster that serves", lambda: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"), 10)
        yield server


@pytest.fixture
def cluster_node(cluster_of_session: ValkeyServer) -> ValkeyServer:
    """It has every slot, and refuses a command whose keys are in several, as every node of a Cluster does."""
    with cluster_of_session.client() as client:
        client.flushall()
    return cluster_of_session
