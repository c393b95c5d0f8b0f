"""Announcements: a planned failover that nobody hears of in time loses what is written until somebody does."""

from __future__ import annotations

import asyncio

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.announcements import Announcements
from gateway.stores.dialler import Dialler
from tests.gateway.stores.scripted import Client, bulk, scripted

SUBSCRIBED = b"".join(
    b"*3\r\n" + bulk(b"subscribe") + bulk(channel) + b":%d\r\n" % count
    for count, channel in enumerate((b"+promoted-slave", b"+switch-master"), 1)
)
MESSAGE = b"*3\r\n" + bulk(b"message") + bulk(b"+switch-master") + bulk(b"main 127.0.0.1 1 127.0.0.1 2")
PATIENCE = 30.0  # seconds


class Ear:
    """Hears one Sentinel."""

    def __init__(self, url: str) -> None:
        node = url.removeprefix("redis://").removesuffix("/0")
        settings = settings_of(Redis, {"sentinel": {"service": "main", "nodes": [node]}})
        assert settings.sentinel is not None
        self.heard: asyncio.Queue[None] = asyncio.Queue()
        pools = Dialler(settings).sentinels(settings.sentinel)
        self.announcements = Announcements(pools, lambda: self.heard.put_nowait(None), lambda: 0.0)


async def test_what_a_sentinel_says_unasked_is_heard_each_time() -> None:
    async def conversation(client: Client) -> None:
        assert await client.batch() == [[b"SUBSCRIBE", b"+promoted-slave", b"+switch-master"]]
        client.say(SUBSCRIBED, MESSAGE, MESSAGE)
        await client.closed()

    async with scripted(conversation) as url:
        ear = Ear(url)
        ear.announcements.begin()
        ear.announcements.begin()
        async with asyncio.timeout(PATIENCE):
            await ear.heard.get()
            await ear.heard.get()
        assert ear.heard.empty()
        await ear.announcements.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_sentinel_that_was_lost_is_heard_again() -> None:
    async def conversation(client: Client) -> None:
        await client.batch()
        client.say(SUBSCRIBED, MESSAGE)

    async with scripted(conversation) as url:
        ear = Ear(url)
        ear.announcements.begin()
        async with asyncio.timeout(PATIENCE):
            for _ in range(2):
                await ear.heard.get()
        await ear.announcements.close()


async def test_who_never_began_closes_too() -> None:
    ear = Ear("redis://127.0.0.1:9/0")
    await ear.announcements.close()
