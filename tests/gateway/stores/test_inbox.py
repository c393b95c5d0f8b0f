"""If these fail, a worker waits for what another has told it long ago, or Redis keeps it for ever."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores import inbox
from gateway.stores.inbox import Inbox
from gateway.stores.link import RedisLink
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import SERVED, Served, ValkeyServer


class Worker:
    def __init__(self, server: Served, who: str) -> None:
        self.heard: list[bytes] = []
        self.faults = 0  # that are to come
        self.link = RedisLink(settings_of(Redis, {**server.settings, "timeout": 5}), HandClock())
        self.inbox = Inbox(self.link, "tidegate", who, self._take)

    def _take(self, message: bytes) -> None:
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError
        self.heard.append(message)

    async def hears(self, count: int, seconds: float = 15) -> list[bytes]:
        """Until it has heard so many."""
        async with asyncio.timeout(seconds):
            while len(self.heard) < count:  # noqa: ASYNC110  # an inbox takes, and tells nobody else
                await asyncio.sleep(0.005)
        return self.heard

    async def is_there(self, to: Inbox) -> None:
        async with asyncio.timeout(15):
            while not await to.send("reader", b"hello"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@asynccontextmanager
async def two(server: Served) -> AsyncIterator[tuple[Worker, Worker]]:
    reader, writer = Worker(server, "reader"), Worker(server, "writer")
    reader.inbox.open()
    reader.inbox.open()  # twice is harmless
    await reader.is_there(writer.inbox)
    yield reader, writer
    for worker in (reader, writer):
        await worker.inbox.close()
        await worker.link.close()


@pytest.mark.parametrize("served", SERVED)
async def test_all_that_is_sent_comes_once_and_in_order(request: pytest.FixtureRequest, served: str) -> None:
    async with two(request.getfixturevalue(served)) as (reader, writer):
        sent = [b"%d" % number for number in range(200)]
        for message in sent:
            assert await writer.inbox.send("reader", message)
        heard = await reader.hears(201)
    assert heard[-200:] == sent


async def test_a_redis_that_lost_it_may_have_a_clock_that_is_behind(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of messages begin with the time. After a failover nothing must be taken for read that was not."""
    monkeypatch.setattr(inbox, "WAIT", 0.1)
    name = "tidegate:inbox:{reader}"
    async with two(valkey) as (reader, writer):
        with valkey.client() as client:
            client.xadd(name, {"m": b"of tomorrow"}, id="99999999999999-0")
            await reader.hears(2)
            client.delete(name)
        await reader.is_there(writer.inbox)
        assert (await reader.hears(3))[-1] == b"hello"


async def test_a_fault_of_ours_makes_nobody_deaf_for_good(valkey: ValkeyServer) -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with two(valkey) as (reader, writer):
        await reader.hears(1)
        reader.faults = 1
        for message in (b"one", b"two"):
            assert await writer.inbox.send("reader", message)
        async with asyncio.timeout(15):
            while b"two" not in reader.heard:
                reader.inbox.open()  # as whoever looks for something does
                await asyncio.sleep(0.005)
    gc.collect()
    assert [type(fault["exception"]) for fault in faults] == [ZeroDivisionError]


async def test_nobody_reads_at_a_worker_that_is_not_there(valkey: ValkeyServer) -> None:
    writer = Worker(valkey, "writer")
    assert not await writer.inbox.send("somebody", b"hello")
    with valkey.client() as client:
        assert not client.exists("tidegate:inbox:{somebody}")  # and nothing is kept for it
    await writer.inbox.close()
    await writer.link.close()


async def test_an_inbox_is_gone_with_its_worker(valkey: ValkeyServer) -> None:
    async with two(valkey) as (reader, writer):
        with valkey.client() as client:
            assert 0 < client.pttl("tidegate:inbox:{reader}") <= 20_000
        await reader.inbox.close()
        assert not await writer.inbox.send("reader", b"hello")


async def test_what_was_read_is_let_go_of(valkey: ValkeyServer) -> None:
    async with two(valkey) as (reader, writer):
        for _ in range(100):
            await writer.inbox.send("reader", b"x" * 1000)
        await reader.hears(101)
        await writer.inbox.send("reader", b"last")
        await reader.hears(102)
        with valkey.client() as client:
            async with asyncio.timeout(5):
                while client.xlen("tidegate:inbox:{reader}") > 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)


async def test_after_a_restart_of_redis_it_is_read_again(own_valkey: ValkeyServer) -> None:
    async with two(own_valkey) as (reader, writer):
        own_valkey.restart()
        before = len(reader.heard)
        await reader.is_there(writer.inbox)
        assert (await reader.hears(before + 1))[-1] == b"hello"
