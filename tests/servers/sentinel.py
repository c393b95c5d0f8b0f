"""A leader, its replica, and three Sentinels that watch them: all of Valkey's wheel."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

SERVICE = "main"
_QUORUM = 2
_DOWN_MS = 500  # a leader that says nothing for so long is taken for dead
_PATIENCE = 30.0  # seconds


class SentinelSet:
    """`sentinels` and `servers` are running; which server leads, they say."""

    def __init__(self, directory: Path) -> None:
        self.servers = [_own(directory, f"server{number}") for number in range(2)]
        self.sentinels = [self._sentinel(directory, number) for number in range(3)]
        self._stack = contextlib.ExitStack()

    @property
    def settings(self) -> dict[str, object]:
        return {"sentinel": {"service": SERVICE, "nodes": [f"127.0.0.1:{one.port}" for one in self.sentinels]}}

    @property
    def leader(self) -> ValkeyServer:
        """By the word of the first Sentinel that runs."""
        sentinel = next(one for one in self.sentinels if one.pid is not None)
        with sentinel.client() as client:
            _, port = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(server for server in self.servers if server.port == int(port))

    def client(self, key: str = "") -> Redis:
        return self.leader.client(key)

    def fail_over(self) -> None:
        """On purpose: the leader is demoted, who is connected to it is sent away."""
        before = self.leader
        with self.sentinels[0].client() as client:
            client.execute_command("SENTINEL", "FAILOVER", SERVICE)
        self.wait_for_another(before)

    def wait_for_another(self, before: ValkeyServer) -> None:
        """Until each Sentinel names one that is a leader, and not the one of before."""

        def is_agreed() -> bool:
            for sentinel in (one for one in self.sentinels if one.pid is not None):
                with sentinel.client() as client:
                    _, port = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
                if int(port) == before.port:
                    return False
            with self.client() as client:
                return bool(client.execute_command("ROLE")[0] == b"master")

        until("another leader", is_agreed, _PATIENCE)

    def wait_for_replica(self) -> None:
        """Until the leader could be followed by another."""

        def is_ready() -> bool:
            with self.client() as client:
                replicas = client.execute_command("ROLE")[2]
            known = 0
            for sentinel in self.sentinels:
                with sentinel.client() as client:
                    words = client.execute_command("SENTINEL", "MASTER", SERVICE)
                told = words if isinstance(words, dict) else dict(zip(words[::2], words[1::2], strict=True))
                told = {_text(name): _text(value) for name, value in told.items()}
                known += int(told["num-slaves"]) >= 1 and int(told["num-other-sentinels"]) == 2
            return len(replicas) == 1 and known == len(self.sentinels)

        until("a replica in step, and Sentinels that know of it", is_ready, _PATIENCE)

    def _sentinel(self, directory: Path, number: int) -> ValkeyServer:
        own = directory / f"sentinel{number}"
        own.mkdir()
        file = own / "sentinel.conf"
        leader = self.servers[0].port
        file.write_text(
            f"sentinel monitor {SERVICE} 127.0.0.1 {leader} {_QUORUM}\n"
            f"sentinel down-after-milliseconds {SERVICE} {_DOWN_MS}\n"
            f"sentinel failover-timeout {SERVICE} 3000\n"
        )
        return _Sentinel(own, file)

    def __enter__(self) -> SentinelSet:
        with contextlib.ExitStack() as started:  # all of them end if one does not start
            for server in self.servers:
                started.enter_context(server)
            self.servers[1].follow(self.servers[0])
            for sentinel in self.sentinels:
                started.enter_context(sentinel)
            self.wait_for_replica()
            self._stack = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


class _Sentinel(ValkeyServer):
    """It keeps what it knows in its file."""

    def __init__(self, directory: Path, file: Path) -> None:
        super().__init__(directory)
        self._file = file

    def _arguments(self) -> list[str]:
        return [str(self._file), "--sentinel", "--port", str(self.port), "--bind", "127.0.0.1"]


def _own(directory: Path, name: str) -> ValkeyServer:
    (directory / name).mkdir()
    return ValkeyServer(directory / name)


def _text(word: object) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)


@pytest.fixture(scope="session")
def sentinel_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelSet]:
    with SentinelSet(tmp_path_factory.mktemp("sentinel")) as made:
        yield made


@pytest.fixture
def sentinel(sentinel_of_session: SentinelSet) -> SentinelSet:
    with sentinel_of_session.client() as client:
        client.flushall()
    return sentinel_of_session


@pytest.fixture
def own_sentinel(tmp_path: Path) -> Iterator[SentinelSet]:
    with SentinelSet(tmp_path) as made:
        yield made
