"""Line: who waits at the server holds up nobody else, and is told when the server has gone."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.line import Line
from gateway.stores.link import RedisLink, StoreFault
from tests.gateway.stores.scripted import REFUSAL, Client, scripted
from tests.servers.valkey import SERVED, Served, ValkeyServer

READ = (b"XREAD", b"BLOCK", 20_000, b"STREAMS", "stream", b"0")


def link_to(settings: dict[str, object], timeout: float = 30.0) -> RedisLink:
    return RedisLink(settings_of(Redis, {**settings, "timeout": timeout}), time.monotonic)


async def line_of(link: RedisLink) -> Line:
    """Once it is known who has the key."""
    await link.ask(b"EXISTS", "stream")
    line = link.line("stream")
    assert line is not None
    return line


@pytest.mark.parametrize("name", SERVED)
async def test_who_waits_hears_of_it_and_others_go_on_meanwhile(name: str, request: pytest.FixtureRequest) -> None:
    served: Served = request.getfixturevalue(name)
    link = link_to(served.settings)
    line = await line_of(link)
    waiting = asyncio.ensure_future(line.ask(*READ, waits=20))
    for number in range(20):
        await link.ask(b"SET", f"k{number}", b"v")
    assert not waiting.done()
    await link.ask(b"XADD", "stream", b"1-1", b"m", b"hello")
    assert await waiting == [[b"stream", [[b"1-1", [b"m", b"hello"]]]]]
    assert await line.ask(b"XLEN", "stream") == 1
    await line.close()
    await link.close()


async def test_nothing_to_hear_is_no_fault(valkey: ValkeyServer) -> None:
    link = link_to(valkey.settings)
    line = await line_of(link)
    assert await line.ask(b"XREAD", b"BLOCK", 10, b"STREAMS", "stream", b"0", waits=0.01) is None
    await line.close()
    await link.close()


async def test_a_dead_server_is_noticed_while_waiting(own_valkey: ValkeyServer) -> None:
    link = link_to(own_valkey.settings)
    line = await line_of(link)
    waiting = asyncio.ensure_future(line.ask(*READ, waits=20))
    await asyncio.sleep(0)
    own_valkey.kill()
    with pytest.raises(StoreFault) as fault:
        await waiting
    assert fault.value.kind == "connection"
    await line.close()
    await link.close()


async def test_a_silent_server_costs_what_it_may_wait_and_the_limit() -> None:
    async def silent(client: Client) -> None:
        await client.closed()

    async with scripted(silent) as url:
        link = link_to({"url": url}, 0.1)
        line = link.line("stream")
        assert line is not None
        began = time.monotonic()
        with pytest.raises(StoreFault) as fault:
            await line.ask(*READ, waits=0.2)
        assert fault.value.kind == "timeout"
        assert time.monotonic() - began >= 0.3
        await line.close()
        await link.close()


async def test_an_error_is_a_fault() -> None:
    async def refusing(client: Client) -> None:
        while True:
            client.say(*(REFUSAL for _ in await client.batch()))

    async with scripted(refusing) as url:
        link = link_to({"url": url})
        line = link.line("stream")
        assert line is not None
        with pytest.raises(StoreFault) as fault:
            await line.ask(*READ, waits=5)
        assert fault.value.kind == "reply"
        await line.close()
        await link.close()


async def test_until_it_is_known_who_has_a_key_there_is_no_line() -> None:
    link = link_to({"url": "redis://127.0.0.1:9", "cluster": True})
    assert link.line("stream") is None
    await link.close()
