"""RedisStore when things break: a request must not fail, nor wait, because the cache's server is gone."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from gateway.stores.breaker import FIRST_PAUSE
from tests.gateway.stores.harness import HandClock, closing, redis_store
from tests.servers.proxy import Proxy
from tests.servers.valkey import ValkeyServer

LIMIT = 0.08  # seconds: the default of `redis.timeout`
SLACK = 0.25  # for a busy machine


async def test_keys_are_prefixed_and_of_one_cluster_slot(valkey: ValkeyServer) -> None:
    async with closing(redis_store(valkey.url, timeout=30)) as store:
        await store.put("exact:1:ab", b"v", 60)
    with valkey.client() as client:
        assert client.keys("*") == [b"tidegate:{exact:1:ab}"]


async def test_a_unix_socket_will_do(valkey: ValkeyServer) -> None:
    async with closing(redis_store(valkey.unix_url, timeout=30)) as store:
        await store.put("k", b"v", 60)
        assert await store.get("k") == b"v"


async def test_down_is_a_miss_without_delay(own_valkey: ValkeyServer) -> None:
    own_valkey.kill()
    faults: list[str] = []
    started = time.monotonic()
    async with closing(redis_store(own_valkey.url, faults=faults)) as store:
        await store.put("k", b"v", 60)
        assert await store.get("k") is None
        await store.delete("k")
    assert time.monotonic() - started < SLACK
    assert faults == ["connection", "open", "open"]


async def test_frozen_costs_one_call_its_limit_and_the_next_nothing(own_valkey: ValkeyServer) -> None:
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url, faults=faults)) as store:
        await store.put("k", b"v", 60)
        own_valkey.freeze()
        started = time.monotonic()
        assert await store.get("k") is None
        first = time.monotonic() - started
        for _ in range(1000):
            assert await store.get("k") is None
        rest = time.monotonic() - started - first
        own_valkey.thaw()
    assert LIMIT * 0.9 < first < LIMIT + SLACK
    assert rest < SLACK
    assert faults == ["timeout"] + ["open"] * 1000


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_that_the_worker_was_busy_is_no_fault_of_the_server(
    valkey: ValkeyServer, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """It stands still for longer than an answer is waited for, again and again, as under more load than it can take."""

    async def ask_while_busy() -> None:
        faults: list[str] = []
        async with closing(redis_store(valkey.url, faults=faults, timeout=0.02)) as store:
            for asking in (store.put("k", b"v", 60), store.get("k")):
                task = asyncio.ensure_future(asking)
                while not task.done():
                    end = time.monotonic() + 0.05
                    while time.monotonic() < end:
                        pass
                    await asyncio.sleep(0)
            assert task.result() == b"v"
        assert faults == []

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask_while_busy())


async def test_frozen_with_many_under_way_all_go_on_after_the_limit(own_valkey: ValkeyServer) -> None:
    async with closing(redis_store(own_valkey.url)) as store:
        own_valkey.freeze()
        started = time.monotonic()
        assert await asyncio.gather(*(store.get("k") for _ in range(200))) == [None] * 200
        assert time.monotonic() - started < LIMIT + 8 * SLACK
        own_valkey.thaw()


async def test_thawed_it_is_used_again_by_itself_and_late_replies_go_to_nobody(own_valkey: ValkeyServer) -> None:
    clock = HandClock()
    async with closing(redis_store(own_valkey.url, clock)) as store:
        await store.put("a", b"of a", 60)
        await store.put("b", b"of b", 60)
        own_valkey.freeze()
        assert await store.get("a") is None
        own_valkey.thaw()
        assert await store.get("b") is None  # the pause is not over
        clock.now += FIRST_PAUSE
        assert await store.get("b") == b"of b"
        assert await store.get("a") == b"of a"


async def test_a_client_that_goes_away_while_it_is_frozen_leaves_no_reply_behind(own_valkey: ValkeyServer) -> None:
    async with closing(redis_store(own_valkey.url)) as store:
        await store.put("a", b"of a", 60)
        await store.put("b", b"of b", 60)
        own_valkey.freeze()
        waiting = asyncio.ensure_future(store.get("a"))
        for _ in range(50):  # the command is on its way
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        own_valkey.thaw()
        assert await store.get("b") == b"of b"


async def test_restarted_empty_the_next_call_is_an_ordinary_miss(own_valkey: ValkeyServer) -> None:
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url, faults=faults, timeout=30)) as store:
        await store.put("k", b"v", 60)
        own_valkey.restart()
        assert await store.get("k") is None
        await store.put("k", b"w", 60)
        assert await store.get("k") == b"w"
    assert faults == []


async def test_a_restart_is_survived_by_every_pooled_connection(own_valkey: ValkeyServer) -> None:
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url, faults=faults, timeout=30)) as store:
        await asyncio.gather(*(store.get(f"k{number}") for number in range(20)))
        own_valkey.restart()
        await asyncio.gather(*(store.put(f"k{number}", b"v", 60) for number in range(20)))
        assert await asyncio.gather(*(store.get(f"k{number}") for number in range(20))) == [b"v"] * 20
    assert faults == []


async def test_demoted_the_new_leader_is_found_and_nothing_is_lost(own_valkey: ValkeyServer, tmp_path: Path) -> None:
    """A failover that cuts nobody off: the connection still leads to the old leader, which may not be written to."""
    faults: list[str] = []
    directory = tmp_path / "new"
    directory.mkdir()
    with ValkeyServer(directory) as new, Proxy(own_valkey.port) as proxy:
        async with closing(redis_store(f"redis://127.0.0.1:{proxy.port}/0", faults=faults, timeout=30)) as store:
            await store.put("k", b"v", 60)
            proxy.lead_to(new.port)
            await asyncio.to_thread(own_valkey.follow, new)
            await store.put("k", b"w", 60)
            assert await store.get("k") == b"w"
        with new.client() as client:
            assert client.get("tidegate:{k}") == b"w"
    assert faults == []


async def test_only_a_replica_is_there(own_valkey: ValkeyServer, valkey: ValkeyServer) -> None:
    """Writing is refused, reading is not, and nothing is tried without end."""
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url, faults=faults, timeout=30)) as store:
        await store.put("k", b"v", 60)
        await asyncio.to_thread(own_valkey.follow, valkey)
        for _ in range(2):
            await store.put("l", b"v", 60)
            assert await store.get("l") is None
    assert faults == ["reply"] * 2


async def test_a_full_server_is_counted_and_still_read(own_valkey: ValkeyServer) -> None:
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url, faults=faults)) as store:
        await store.put("k", b"v", 60)
        with own_valkey.client() as client:
            client.config_set("maxmemory", "1")
        await store.put("l", b"v", 60)
        assert await store.get("k") == b"v"
    assert faults == ["reply"]


async def test_a_wrong_password_is_a_fault_and_no_error(own_valkey: ValkeyServer) -> None:
    with own_valkey.client() as client:
        client.config_set("requirepass", "right")
    faults: list[str] = []
    async with closing(redis_store(own_valkey.url.replace("//", "//:wrong@"), faults=faults)) as store:
        assert await store.get("k") is None
    async with closing(redis_store(own_valkey.url.replace("//", "//:right@"), timeout=30)) as store:
        await store.put("k", b"v", 60)
        assert await store.get("k") == b"v"
    assert faults == ["connection"]


@asynccontextmanager
async def garbage_server(reply: bytes) -> AsyncIterator[str]:
    """Something else listens on the port that the settings name."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$xx\r\n", b"$-5\r\n", b"*1\r\n$3\r\nab"])
async def test_a_server_that_is_no_redis_is_a_fault_and_no_error(reply: bytes) -> None:
    faults: list[str] = []
    async with garbage_server(reply) as url, closing(redis_store(url, faults=faults)) as store:
        assert await store.get("k") is None
        await store.put("k", b"v", 60)
    assert faults in (["connection", "open"], ["timeout", "open"])


async def test_the_log_says_once_that_it_went_and_once_that_it_came_back(
    own_valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = HandClock()
    own_valkey.kill()
    async with closing(redis_store(own_valkey.url, clock)) as store:
        for _ in range(50):
            await store.get("k")
            clock.now += 0.5
        own_valkey.start()
        clock.now += 60
        await store.put("k", b"v", 60)
        assert await store.get("k") == b"v"
    ours = [record for record in caplog.records if record.name.startswith("gateway")]
    assert [record.levelname for record in ours] == ["WARNING", "INFO"]
    assert not any(record.exc_info for record in ours)


def test_an_address_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="scheme"):
        redis_store("http://localhost")


def test_who_has_no_redis_does_not_pay_for_importing_it() -> None:
    code = "import sys, gateway.stores.redis, gateway.cache.exact; sys.exit('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
