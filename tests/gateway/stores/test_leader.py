"""Leader: after a failover the gateway is with the new leader within seconds, and nobody waits long meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.link import RedisLink, StoreFault
from tests.gateway.stores.scripted import REFUSAL, Client, Conversation, bulk, scripted
from tests.harness.wait import until
from tests.servers.sentinel import SERVICE, SentinelSet
from tests.servers.valkey import ValkeyServer

LIMIT = 0.25  # seconds
PATIENCE = 30.0  # for a failover on a busy machine


class Watched:
    """A link that notes its faults."""

    def __init__(self, settings: dict[str, object], timeout: float = LIMIT) -> None:
        self.faults: list[str] = []
        self.link = RedisLink(settings_of(Redis, {**settings, "timeout": timeout}), time.monotonic, self.faults.append)

    async def put(self, value: bytes) -> str:
        """`put`, or the kind of fault."""
        try:
            await self.link.ask(b"SET", "k", value)
        except StoreFault as fault:
            return fault.kind
        return "put"

    async def until_put(self, value: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while await self.put(value) != "put":
            assert time.monotonic() < deadline, "it does not come back"
            await asyncio.sleep(0.02)

    async def until_in(self, server: ValkeyServer, value: bytes) -> None:
        """Until what is put is there."""
        deadline = time.monotonic() + PATIENCE
        while await self.put(value) != "put" or value_in(server) != value:
            assert time.monotonic() < deadline, "the leader is not followed"
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def watched(settings: dict[str, object], timeout: float = LIMIT) -> AsyncIterator[Watched]:
    made = Watched(settings, timeout)
    try:
        yield made
    finally:
        await made.link.close()


def value_in(server: ValkeyServer) -> bytes | None:
    with server.client() as client:
        value = client.get("k")
    assert value is None or isinstance(value, bytes)
    return value


async def test_a_planned_failover_is_followed(own_sentinel: SentinelSet) -> None:
    before = own_sentinel.leader
    async with watched(own_sentinel.settings) as to:
        await to.until_put(b"before")
        await asyncio.to_thread(own_sentinel.fail_over)
        assert own_sentinel.leader is not before
        await to.until_in(own_sentinel.leader, b"after")


async def test_a_dead_leader_is_followed_by_the_next(own_sentinel: SentinelSet) -> None:
    before = own_sentinel.leader
    async with watched(own_sentinel.settings) as to:
        await to.until_put(b"before")
        before.kill()
        assert await to.put(b"lost") == "connection"
        assert await to.put(b"lost") == "open"  # and nobody waits
        await to.until_put(b"after")
    await asyncio.to_thread(own_sentinel.wait_for_another, before)  # the last Sentinel hears of it a little later
    assert value_in(own_sentinel.leader) == b"after"


async def test_a_frozen_leader_costs_one_limit_until_the_next_leads(own_sentinel: SentinelSet) -> None:
    before = own_sentinel.leader
    async with watched(own_sentinel.settings) as to:
        await to.until_put(b"before")
        before.freeze()
        assert await to.put(b"lost") == "timeout"
        assert await to.put(b"lost") == "open"
        await to.until_put(b"after")
        assert to.faults.count("timeout") <= 10  # one each time the pause is over
    before.thaw()
    await asyncio.to_thread(own_sentinel.wait_for_another, before)
    assert value_in(own_sentinel.leader) == b"after"


async def test_sentinels_may_be_missing(own_sentinel: SentinelSet) -> None:
    own_sentinel.sentinels[0].kill()
    own_sentinel.sentinels[1].freeze()
    async with watched(own_sentinel.settings, PATIENCE) as to:
        assert await to.put(b"v") == "put"
        own_sentinel.sentinels[2].kill()
        assert await to.put(b"w") == "put"  # who leads is known
    own_sentinel.sentinels[1].thaw()


async def test_nobody_to_ask_costs_one_limit_and_then_nothing() -> None:
    async with watched({"sentinel": {"service": SERVICE, "nodes": ["127.0.0.1:9"]}}) as to:
        assert [await to.put(b"v") for _ in range(50)] == ["timeout", *["open"] * 49]


@pytest.mark.parametrize(
    "replies",
    [
        (b"*-1\r\n", b"-ERR No such master with that name\r\n"),
        (b"*2\r\n$1\r\nh\r\n$1\r\nx\r\n", b"*0\r\n"),
        (b"*2\r\n$1\r\nh\r\n" + bulk(b"9" * 5000), b"*2\r\n" + bulk(b"config-epoch") + bulk(b"1")),
        (b"*2\r\n$1\r\nh\r\n" + bulk(b"70000"), b"*2\r\n" + bulk(b"config-epoch") + bulk(b"1")),
        (b"*2\r\n" + bulk(b"203.0.113.7") + bulk(b"6379"), b"*2\r\n" + bulk(b"config-epoch") + bulk(b"1")),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", b""),
    ],
)
async def test_a_sentinel_that_names_nobody_leads_nowhere(replies: tuple[bytes, bytes]) -> None:
    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            client.say(*(replies if commands[0][0] == b"SENTINEL" else (REFUSAL,)))

    async with scripted(conversation) as url, watched(watched_by(url)) as to:
        assert [await to.put(b"v"), await to.put(b"v")] == ["timeout", "open"]


async def test_of_several_opinions_the_latest_counts_and_only_of_who_leads(valkey: ValkeyServer) -> None:
    """A Sentinel that was cut off still names the one that led before."""
    async with (
        scripted(answering_role(b"master")) as cut_off,
        scripted(opinion(1, port_of(cut_off))) as old,
        scripted(opinion(2, valkey.port)) as latest,
        scripted(answering_role(b"slave")) as no_leader,
        scripted(opinion(3, port_of(no_leader))) as hasty,
        watched(watched_by(old, latest, hasty), PATIENCE) as to,
    ):
        assert await to.put(b"here") == "put"
    assert value_in(valkey) == b"here"


async def test_who_is_demoted_is_left_and_what_it_refused_goes_to_the_next(own_valkey: ValkeyServer) -> None:
    """The old leader keeps its connections, and the Sentinels know already: nobody notices."""
    leader = [0]

    async def demoted(client: Client) -> None:
        while True:
            for command in await client.batch():
                is_role = command[0] == b"ROLE"
                client.say(role(b"master" if leader[0] != own_valkey.port else b"slave") if is_role else READONLY)

    async def sentinel(client: Client) -> None:
        while True:
            client.say(*(answered(command, 1, leader[0]) for command in await client.batch()))

    async with scripted(demoted) as before, scripted(sentinel) as asked:
        leader[0] = port_of(before)
        async with watched(watched_by(asked), PATIENCE) as to:
            assert await to.put(b"v") == "reply"  # there is nobody else yet
            leader[0] = own_valkey.port
            assert await asyncio.gather(*(to.put(b"w") for _ in range(20))) == ["put"] * 20
    assert value_in(own_valkey) == b"w"


async def test_closing_leaves_nothing_behind(own_sentinel: SentinelSet) -> None:
    async with watched(own_sentinel.settings) as to:
        await to.until_put(b"v")
        own_sentinel.leader.freeze()
        await to.put(b"w")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    own_sentinel.servers[0].thaw()
    with own_sentinel.sentinels[0].client() as client:
        until("no connection but that of the test", lambda: foreign_to(client.client_list()) <= 1, PATIENCE)


def foreign_to(connections: Sequence[dict[str, str]]) -> int:
    """How many are neither Sentinels nor servers."""
    return sum(not one["name"].startswith("sentinel") and one["cmd"] != "publish" for one in connections)


READONLY = b"-READONLY You can't write against a read only replica.\r\n"


def watched_by(*urls: str) -> dict[str, object]:
    return {"sentinel": {"service": SERVICE, "nodes": [f"127.0.0.1:{port_of(url)}" for url in urls]}}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def answered(command: Sequence[bytes], epoch: int, port: int) -> bytes:
    """What a Sentinel says."""
    at = bulk(b"%d" % port)
    if command[1] == b"GET-MASTER-ADDR-BY-NAME":
        return b"*2\r\n" + bulk(b"127.0.0.1") + at
    return b"*4\r\n" + bulk(b"name") + bulk(SERVICE.encode()) + bulk(b"config-epoch") + bulk(b"%d" % epoch)


def opinion(epoch: int, port: int) -> Conversation:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(answered(command, epoch, port) for command in await client.batch()))

    return conversation


def role(word: bytes) -> bytes:
    return b"*3\r\n" + bulk(word) + b":0\r\n*0\r\n"


def answering_role(word: bytes) -> Conversation:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(role(word) for _ in await client.batch()))

    return conversation
