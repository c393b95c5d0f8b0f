"""A Cluster of three leaders, each with a replica: all of Valkey's wheel."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.crc import key_slot

from tests.harness.ports import free_port
from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

LEADERS = 3
SLOTS = 16384
_NODE_TIMEOUT_MS = 1500
_STEADY_TIMEOUT_MS = 60_000
_PATIENCE = 40.0  # seconds


class ClusterOfSix:
    """`nodes`: first the leaders, then the replica of each."""

    def __init__(self, directory: Path, timeout_ms: int = _NODE_TIMEOUT_MS) -> None:
        """`timeout_ms`: a node that says nothing for so long is taken for dead."""
        self.nodes = [_node(directory, number, timeout_ms) for number in range(2 * LEADERS)]
        self._stack = contextlib.ExitStack()

    @property
    def settings(self) -> dict[str, object]:
        """One is named, and not the one that has most of the keys of these tests."""
        return {"url": self.nodes[1].url, "cluster": True}

    def client(self, key: str = "") -> Redis:
        return self.of(key).client()

    def of(self, key: str) -> ValkeyServer:
        """Who has this key."""
        slot = key_slot(key.encode())
        for first, last, owner, *_ in self._told():
            if first <= slot <= last:
                return self.at(int(owner[1]))
        raise AssertionError(f"nobody has slot {slot}")

    def at(self, port: int) -> ValkeyServer:
        return next(node for node in self.nodes if node.port == port)

    def leaders(self) -> list[ValkeyServer]:
        return [self.at(port) for port in sorted({int(owner[1]) for _, _, owner, *_ in self._told()})]

    def flush(self) -> None:
        for leader in self.leaders():
            with leader.client() as client:
                client.flushall()

    def move(self, key: str, to: ValkeyServer) -> None:
        """The slot of that key, with all that is in it, as operators do it: one key after the other."""
        slot, at = key_slot(key.encode()), self.of(key)
        with at.client() as source, to.client() as target:
            ids = {one: _ask(client, "MYID").decode() for one, client in ((at, source), (to, target))}
            _ask(target, "SETSLOT", slot, "IMPORTING", ids[at])
            _ask(source, "SETSLOT", slot, "MIGRATING", ids[to])
            while keys := _ask(source, "GETKEYSINSLOT", slot, 10):
                for one in keys:
                    source.execute_command("MIGRATE", "127.0.0.1", to.port, one, 0, 5000)
            _ask(target, "SETSLOT", slot, "NODE", ids[to])
            _ask(source, "SETSLOT", slot, "NODE", ids[to])
        for leader in self.leaders():  # the others would hear of it later
            if leader not in (at, to):
                with leader.client() as client:
                    _ask(client, "SETSLOT", slot, "NODE", ids[to])
        until("a Cluster that agrees on who has the slot", lambda: self.of(key) is to, _PATIENCE)

    def wait_until_whole(self) -> None:
        """Every node that runs says so, and of every leader that it is followed."""

        def is_whole() -> bool:
            return all(_is_whole(node) for node in self.nodes if node.pid is not None)

        until("a Cluster that serves every slot", is_whole, _PATIENCE)

    def _told(self) -> list[Any]:
        node = next(node for node in self.nodes if node.pid is not None)
        with node.client() as client:
            told: list[Any] = _ask(client, "SLOTS")
        return told

    def __enter__(self) -> ClusterOfSix:
        with contextlib.ExitStack() as started:  # all of them end if one does not start
            for node in self.nodes:
                started.enter_context(node)
            self._form()
            self._stack = started.pop_all()
        return self

    def _form(self) -> None:
        share = SLOTS // LEADERS + 1
        for number, leader in enumerate(self.nodes[:LEADERS]):
            with leader.client() as client:
                _ask(client, "SET-CONFIG-EPOCH", number + 1)
                _ask(client, "ADDSLOTSRANGE", number * share, min((number + 1) * share, SLOTS) - 1)
        with self.nodes[0].client() as client:
            for node in self.nodes[1:]:
                _ask(client, "MEET", "127.0.0.1", node.port, node.bus)
        until("nodes that know each other", self._have_met, _PATIENCE)
        for leader, replica in zip(self.nodes, self.nodes[LEADERS:], strict=False):
            with leader.client() as client:
                identity = _ask(client, "MYID")
            with replica.client() as client:
                _ask(client, "REPLICATE", identity)
        self.wait_until_whole()
        until("replicas in step", lambda: all(map(_is_in_step, self.nodes[LEADERS:])), _PATIENCE)

    def _have_met(self) -> bool:
        counts = []
        for node in self.nodes:
            with node.client() as client:
                counts.append(_ask(client, "NODES").count(b" connected"))
        return counts == [len(self.nodes)] * len(self.nodes)

    def __exit__(self, *_: object) -> None:
        self._stack.close()


class _Node(ValkeyServer):
    def __init__(self, directory: Path, timeout_ms: int) -> None:
        self.bus = free_port()
        options = ["--cluster-enabled", "yes", "--cluster-port", str(self.bus)]
        options += ["--cluster-node-timeout", str(timeout_ms), "--cluster-replica-validity-factor", "0"]
        super().__init__(directory, None, options)


def _node(directory: Path, number: int, timeout_ms: int) -> _Node:
    own = directory / f"node{number}"
    own.mkdir()
    return _Node(own, timeout_ms)


def _ask(client: Redis, *words: object) -> Any:
    """What the node itself says, without what redis-py makes of it."""
    connection = client.connection_pool.get_connection()
    try:
        connection.send_command("CLUSTER", *words)  # type: ignore[no-untyped-call]
        return connection.read_response()
    finally:
        client.connection_pool.release(connection)


def _is_whole(node: ValkeyServer) -> bool:
    with node.client() as client:
        return b"cluster_state:ok" in _ask(client, "INFO")


def _is_in_step(node: ValkeyServer) -> bool:
    with node.client() as client:
        return bool(client.info("replication").get("master_link_status") == "up")


@pytest.fixture(scope="session")
def cluster_of_six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterOfSix]:
    with ClusterOfSix(tmp_path_factory.mktemp("cluster-of-six")) as made:
        yield made


@pytest.fixture
def cluster(cluster_of_six: ClusterOfSix) -> ClusterOfSix:
    cluster_of_six.flush()
    return cluster_of_six


@pytest.fixture
def steady_cluster(tmp_path: Path) -> Iterator[ClusterOfSix]:
    """One of the test's own, in which no node is ever taken for dead, however busy the machine."""
    with ClusterOfSix(tmp_path, _STEADY_TIMEOUT_MS) as made:
        yield made


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[ClusterOfSix]:
    with ClusterOfSix(tmp_path) as made:
        yield made
