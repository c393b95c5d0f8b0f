"""The stores of the stage, real servers: Redis with a replica, and PostgreSQL on a small disk, each behind a proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.servers.postgres import PostgresServer
from tests.servers.proxy import Proxy
from tests.servers.small_disk import SmallDisk
from tests.servers.valkey import ValkeyServer

DISK_MEGABYTES = 256  # an empty database is 8, and what is written during one run a few more


class Redis:
    """A leader and its replica; clients know the proxy's address."""

    def __init__(self, leader: ValkeyServer, replica: ValkeyServer, proxy: Proxy) -> None:
        self.leader = leader
        self.replica = replica
        self.proxy = proxy

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.proxy.port}/0"

    def fail_over(self) -> None:
        """The replica is the leader now, and has the address."""
        self.replica.promote()
        self.leader, self.replica = self.replica, self.leader
        self.proxy.lead_to(self.leader.port)

    def demote(self) -> None:
        """The same without a crash: who is connected to the old leader stays so, and may no longer write there."""
        self.fail_over()
        self.replica.follow(self.leader)

    def mend(self) -> None:
        """The old leader comes back as a replica."""
        self.replica.restart()
        self.replica.follow(self.leader)


class Postgres:
    """`full` is what its small disk can be."""

    def __init__(self, server: PostgresServer, proxy: Proxy, disk: SmallDisk, url: str) -> None:
        self.server = server
        self.proxy = proxy
        self.disk = disk
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{server.port}", f":{proxy.port}")))
        self.name = parts.path.lstrip("/")


@contextlib.contextmanager
def redis(directory: Path) -> Iterator[Redis]:
    with contextlib.ExitStack() as stack:
        servers = []
        for name in ("leader", "replica"):
            (directory / name).mkdir()
            servers.append(stack.enter_context(ValkeyServer(directory / name)))
        servers[1].follow(servers[0])
        yield Redis(servers[0], servers[1], stack.enter_context(Proxy(servers[0].port)))


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    with PostgresServer() as server, SmallDisk(DISK_MEGABYTES, server.owner) as disk, Proxy(server.port) as proxy:
        yield Postgres(server, proxy, disk, server.database(disk.folder))
