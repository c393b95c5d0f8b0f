"""Cluster: while slots move and servers die, a command reaches who has its key, or fails soon; and no other pays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.cluster import MOST_MOVES
from gateway.stores.link import RedisLink, StoreFault
from tests.gateway.stores.harness import HandClock
from tests.gateway.stores.scripted import REFUSAL, Client, Conversation, answer_to, answering, scripted
from tests.servers.cluster import ClusterOfSix
from tests.servers.valkey import ValkeyServer

LIMIT = 0.25  # seconds
PATIENCE = 30.0  # for a failover on a busy machine
NAMES = [f"k{number}" for number in range(60)]  # some for each server


class Clustered:
    """A link to a Cluster, and its faults."""

    def __init__(
        self, settings: dict[str, object], timeout: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.faults: list[str] = []
        self.link = RedisLink(settings_of(Redis, {**settings, "timeout": timeout}), clock, self.faults.append)

    async def put(self, name: str, value: str) -> str:
        """`put`, or the kind of fault."""
        try:
            await self.link.ask(b"SET", name, value)
        except StoreFault as fault:
            return fault.kind
        return "put"

    async def get(self, name: str) -> str:
        """The value, or the kind of fault."""
        try:
            value = await self.link.ask(b"GET", name)
        except StoreFault as fault:
            return fault.kind
        return value.decode() if isinstance(value, bytes) else str(value)

    async def until_put(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while await self.put(name, "v") != "put":
            assert time.monotonic() < deadline, f"{name} cannot be put"
            await asyncio.sleep(0.02)


def seed(url: str) -> dict[str, object]:
    return {"url": url, "cluster": True}


async def test_what_is_asked_at_once_goes_to_each_server(cluster: ClusterOfSix) -> None:
    to = Clustered(cluster.settings)
    assert await asyncio.gather(*(to.put(name, f"of {name}") for name in NAMES)) == ["put"] * len(NAMES)
    assert await asyncio.gather(*map(to.get, NAMES)) == [f"of {name}" for name in NAMES]
    await to.link.close()
    assert to.faults == []
    assert {cluster.of(name).port for name in NAMES} == {leader.port for leader in cluster.leaders()}


async def test_an_unknown_seed_is_replaced_by_another(cluster: ClusterOfSix) -> None:
    nodes = [f"127.0.0.1:{cluster.nodes[0].port}"]
    to = Clustered({"url": "redis://127.0.0.1:9", "cluster": True, "nodes": nodes}, LIMIT)
    await to.until_put("a")
    await to.link.close()


async def test_while_its_slot_moves_every_key_is_found(steady_cluster: ClusterOfSix) -> None:
    """Keys of one slot, some here and some already there; and nobody is told of a fault."""
    names = [f"{{tag}}{number}" for number in range(300)]
    to = Clustered(steady_cluster.settings)
    await asyncio.gather(*(to.put(name, name) for name in names))
    moves = 0
    for _ in range(4):
        target = next(one for one in steady_cluster.leaders() if one is not steady_cluster.of("{tag}"))
        moving = asyncio.create_task(asyncio.to_thread(steady_cluster.move, "{tag}", target))
        while not moving.done():
            assert await asyncio.gather(*map(to.get, names)) == names
            assert await asyncio.gather(*(to.put(name, name) for name in names)) == ["put"] * len(names)
            moves += 1
        await moving
    assert await asyncio.gather(*map(to.get, names)) == names
    assert moves > 4
    await to.link.close()
    assert to.faults == []


async def test_a_dead_server_is_replaced_within_seconds(own_cluster: ClusterOfSix) -> None:
    to = Clustered(own_cluster.settings, LIMIT)
    await asyncio.gather(*map(to.until_put, NAMES))
    victim = own_cluster.of(NAMES[0])
    victim.kill()
    assert await to.put(NAMES[0], "v") == "connection"
    assert await to.put(NAMES[0], "v") == "open"
    await asyncio.gather(*map(to.until_put, NAMES))
    assert own_cluster.of(NAMES[0]) is not victim
    await to.link.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_frozen_server_costs_its_own_keys_one_limit_and_others_nothing(own_cluster: ClusterOfSix) -> None:
    to = Clustered(own_cluster.settings, PATIENCE)
    await asyncio.gather(*map(to.until_put, NAMES))
    await to.link.close()
    to = Clustered(own_cluster.settings, LIMIT)
    await asyncio.gather(*map(to.until_put, NAMES))  # so that it has every connection
    victim = own_cluster.of(NAMES[0])
    mine = [name for name in NAMES if own_cluster.of(name) is victim]
    others = [name for name in NAMES if name not in mine]
    victim.freeze()
    assert await asyncio.gather(*map(to.get, mine)) == ["timeout"] * len(mine)
    assert await asyncio.gather(*map(to.get, mine)) == ["open"] * len(mine)
    assert "open" not in await asyncio.gather(*map(to.get, others))
    victim.thaw()
    await to.link.close()


def moved_to(address: Callable[[], str], word: str = "MOVED") -> Conversation:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(f"-{word} 7 {address()}\r\n".encode() for _ in await client.batch()))

    return conversation


def address_of(url: str) -> str:
    return url.removeprefix("redis://").removesuffix("/0")


async def test_who_sends_in_circles_is_not_followed_for_ever() -> None:
    commands = 0
    at: list[str] = []

    async def conversation(client: Client) -> None:
        nonlocal commands
        while True:
            for command in await client.batch():
                commands += command[0] == b"GET"
                client.say(f"-MOVED 7 {at[0]}\r\n".encode())

    async with scripted(conversation) as url:
        at.append(address_of(url))
        to = Clustered(seed(url))
        assert await to.get("k") == "reply"
        await to.link.close()
    assert commands == MOST_MOVES + 1


@pytest.mark.parametrize("word", ["MOVED", "ASK"])
@pytest.mark.parametrize("address", ["203.0.113.7:6379", "127.0.0.1:0", "127.0.0.1:65536"])
async def test_a_server_that_looks_public_or_cannot_be_is_not_asked(address: str, word: str) -> None:
    async with scripted(moved_to(lambda: address, word)) as url:
        to = Clustered(seed(url))
        assert await to.get("k") == "reply"
        await to.link.close()


async def test_a_server_that_does_not_know_its_name_is_the_one_that_was_asked() -> None:
    async with scripted(answering) as there:
        port = address_of(there).partition(":")[2]
        async with scripted(moved_to(lambda: f":{port}")) as url:
            to = Clustered(seed(url))
            assert await to.get("k") == "of k"
            await to.link.close()


async def test_asking_is_said_once_and_its_reply_goes_to_nobody() -> None:
    seen: list[list[bytes]] = []

    async def conversation(client: Client) -> None:
        while True:
            for command in await client.batch():
                seen.append(command)
                client.say(b"+OK\r\n" if command[0] == b"ASKING" else b"$4\r\nhere\r\n")

    async with scripted(conversation) as there, scripted(moved_to(lambda: address_of(there), "ASK")) as url:
        to = Clustered(seed(url))
        assert await asyncio.gather(*map(to.get, "abc")) == ["here"] * 3
        await to.link.close()
    assert [command[0] for command in seen if command[0] != b"CLUSTER"] == [b"ASKING", b"GET"] * 3


@pytest.mark.parametrize("error", [b"-TRYAGAIN Multiple keys\r\n", b"-CLUSTERDOWN The cluster is down\r\n"])
async def test_what_cannot_be_served_now_is_a_fault(error: bytes) -> None:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(error for _ in await client.batch()))

    async with scripted(conversation) as url:
        to = Clustered(seed(url))
        assert await to.get("k") == "reply"
        await to.link.close()


async def test_a_server_that_is_loading_is_left_alone_for_a_while() -> None:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(b"-LOADING Redis is loading the dataset in memory\r\n" for _ in await client.batch()))

    async with scripted(conversation) as url:
        to = Clustered(seed(url))
        assert [await to.get("k"), await to.get("k")] == ["connection", "open"]
        await to.link.close()


async def test_one_server_that_is_no_cluster_is_used_all_the_same(valkey: ValkeyServer) -> None:
    """`cluster: true` by mistake: it answers, and nobody is redirected."""
    to = Clustered(seed(valkey.url))
    assert await to.put("k", "v") == "put"
    assert await to.get("k") == "v"
    await to.link.close()


FATES = (*["answer"] * 10, *["MOVED", "ASK"] * 6, "refuse", "cut", "tear")
fates_of_servers = st.lists(st.lists(st.sampled_from(FATES), min_size=5, max_size=40), min_size=2, max_size=2)
rounds = st.lists(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.just(-1) | st.integers(0, 12)), min_size=2, max_size=12),
    min_size=1,
    max_size=6,
)


@given(fates_of_servers, rounds)
@settings_of_hypothesis(deadline=None)
async def test_whoever_is_sent_where_nobody_gets_what_is_anothers(
    fates: list[list[str]], asked: list[list[tuple[str, int]]]
) -> None:
    """Two servers, each with a row of fates, one for each command. Each round asks for some names at once; who has a
    number that is not -1 leaves after so many steps.
    """
    at: list[str] = []

    def fated(own: list[str], other: int) -> Conversation:
        script = iter(own)

        async def conversation(client: Client) -> None:
            while True:
                for command in await client.batch():
                    if command[0] == b"CLUSTER":
                        client.say(REFUSAL)
                        continue
                    fate = "answer" if command[0] == b"ASKING" else next(script, "answer")
                    if fate in ("MOVED", "ASK"):
                        client.say(f"-{fate} 7 {at[other]}\r\n".encode())
                    elif fate in ("cut", "tear"):
                        client.say(answer_to([b"GET", b"nobody"])[:-3] if fate == "tear" else b"")
                        return
                    else:
                        whole = b"+OK\r\n" if command[0] == b"ASKING" else answer_to(command)
                        client.say(REFUSAL if fate == "refuse" else whole)

        return conversation

    async with scripted(fated(fates[0], 1)) as one, scripted(fated(fates[1], 0)) as other:
        at += [address_of(one), address_of(other)]
        to = Clustered(seed(one), clock=(clock := HandClock()))
        for names in asked:
            tasks = [asyncio.ensure_future(to.get(name)) for name, _ in names]
            for step in range(13):
                for task, (_, leaves) in zip(tasks, names, strict=True):
                    if leaves == step:
                        task.cancel()
                await asyncio.sleep(0)
            for (name, leaves), said in zip(names, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
                if leaves >= 0 and isinstance(said, asyncio.CancelledError):
                    continue
                assert said in (f"of {name}", "reply", "connection", "open")
            clock.now += 60
        await to.link.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
