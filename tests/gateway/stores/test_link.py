"""RedisLink: many commands share one way to Redis. Each gets its own reply, and none waits longer than alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.breaker import FIRST_PAUSE
from gateway.stores.lane import Reply
from gateway.stores.link import LANES, RedisLink, StoreFault
from tests.gateway.stores.harness import HandClock
from tests.gateway.stores.scripted import REFUSAL, Client, Conversation, answer_to, scripted

LIMIT = 0.25  # seconds
SLACK = 0.25  # for a busy machine
PATIENT = 30.0  # seconds: for what is not about time


class Linked:
    """A link to a scripted server, with its clock and its faults."""

    def __init__(self, url: str, timeout: float) -> None:
        self.clock = HandClock()
        self.faults: list[str] = []
        settings = settings_of(Redis, {"url": url, "timeout": timeout})
        self.link = RedisLink(settings, self.clock, self.faults.append)

    async def get(self, name: str) -> Reply:
        return await self.link.ask(b"GET", name)

    async def outcome(self, name: str) -> str:
        """The value, or the kind of fault."""
        try:
            value = await self.get(name)
        except StoreFault as fault:
            return fault.kind
        assert isinstance(value, bytes)
        return value.decode()

    async def outcomes(self, names: Sequence[str]) -> list[str]:
        return await asyncio.gather(*map(self.outcome, names))


@asynccontextmanager
async def linked(conversation: Conversation, timeout: float = PATIENT) -> AsyncIterator[Linked]:
    async with scripted(conversation) as url:
        made = Linked(url, timeout)
        try:
            yield made
        finally:
            await made.link.close()


async def test_what_is_asked_at_once_travels_at_once() -> None:
    sizes: list[int] = []

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            sizes.append(len(commands))
            client.say(*map(answer_to, commands))

    names = [f"k{number}" for number in range(200)]
    async with linked(conversation) as to:
        assert await to.outcomes(names) == [f"of {name}" for name in names]
        assert await to.outcomes(["alone"]) == ["of alone"]
    assert sizes == [200, 1]


async def test_while_one_batch_is_under_way_the_next_does_not_wait_for_it() -> None:
    held, release = asyncio.Event(), asyncio.Event()

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            if commands[0][1] == b"slow":
                held.set()
                await release.wait()
            client.say(*map(answer_to, commands))

    async with linked(conversation) as to:
        slow = asyncio.ensure_future(to.outcome("slow"))
        await held.wait()
        assert await to.outcomes(["a", "b"]) == ["of a", "of b"]
        assert not slow.done()
        release.set()
        assert await slow == "of slow"


async def test_where_every_lane_is_under_way_the_next_wait_together_and_go_together() -> None:
    release = asyncio.Event()
    seen: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            await seen.put((client.number, len(commands)))
            if commands[0][1].startswith(b"slow"):
                await release.wait()
            client.say(*map(answer_to, commands))

    async with linked(conversation) as to:
        slow = []
        for number in range(LANES):
            slow.append(asyncio.ensure_future(to.outcome(f"slow{number}")))
            assert await seen.get() == (number + 1, 1)
        names = [f"k{number}" for number in range(50)]
        waiting = asyncio.ensure_future(to.outcomes(names))
        release.set()
        assert await waiting == [f"of {name}" for name in names]
        assert (await seen.get())[1] == 50
        assert await asyncio.gather(*slow) == [f"of slow{number}" for number in range(LANES)]


async def test_a_lost_connection_is_told_to_all_who_were_under_way() -> None:
    async def conversation(client: Client) -> None:
        commands = await client.batch()
        client.say(*map(answer_to, commands[:2]))

    async with linked(conversation) as to:
        assert await to.outcomes("abcde") == ["of a", "of b", "connection", "connection", "connection"]
        assert to.faults == ["connection"] * 3
        assert await to.outcomes("ab") == ["open", "open"]


async def test_an_error_reply_is_a_fault_of_its_own_command_and_no_other() -> None:
    async def conversation(client: Client) -> None:
        while True:
            client.say(*(REFUSAL if command[1] == b"b" else answer_to(command) for command in await client.batch()))

    async with linked(conversation) as to:
        assert await to.outcomes("abc") == ["of a", "reply", "of c"]
        assert await to.outcomes("ac") == ["of a", "of c"]
        assert to.faults == ["reply"]


async def test_a_handshake_that_is_refused_is_told_to_all_and_asked_again() -> None:
    async def conversation(client: Client) -> None:
        await client.batch()
        client.say(REFUSAL)
        await client.closed()

    async with scripted(conversation) as url:
        to = Linked(url.replace("/0", "/7"), PATIENT)  # another database has to be selected
        for _ in range(2):
            assert await to.outcomes("abc") == ["reply"] * 3
        await to.link.close()


async def silent(client: Client) -> None:
    await client.closed()


async def test_a_silent_server_costs_all_who_wait_one_limit_whether_under_way_or_not() -> None:
    came: asyncio.Queue[int] = asyncio.Queue()

    async def conversation(client: Client) -> None:
        await came.put(len(await client.batch()))
        await client.closed()

    async with linked(conversation, LIMIT) as to:
        started = time.monotonic()
        under_way = []
        for number in range(LANES):
            under_way.append(asyncio.ensure_future(to.outcome(f"k{number}")))
            await came.get()
        waiting = asyncio.ensure_future(to.outcomes("abc"))
        assert await waiting == ["timeout"] * 3
        assert await asyncio.gather(*under_way) == ["timeout"] * LANES
        assert time.monotonic() - started < LIMIT + SLACK
        assert came.empty()  # what waited was never sent
        assert await to.outcomes("ab") == ["open"] * 2


async def test_the_limit_counts_from_the_asking_and_not_from_the_sending() -> None:
    """Redis is slow, not gone: a batch waits for a lane, and for its reply only as long as is left."""
    limit = 4 * LIMIT  # so that a busy machine cannot blur the difference
    came: asyncio.Queue[bytes] = asyncio.Queue()
    release = asyncio.Event()

    async def conversation(client: Client) -> None:
        commands = await client.batch()
        await came.put(commands[0][1])
        await release.wait()
        client.say(*map(answer_to, commands))
        await came.put((await client.batch())[0][1])
        await client.closed()

    async with linked(conversation, limit) as to:
        slow = []
        for number in range(LANES):
            slow.append(asyncio.ensure_future(to.outcome(f"slow{number}")))
            await came.get()
        started = time.monotonic()
        waiting = asyncio.ensure_future(to.outcome("a"))
        asyncio.get_running_loop().call_later(limit * 0.6, release.set)
        assert await came.get() == b"a"
        assert await waiting == "timeout"
        assert limit * 0.9 < time.monotonic() - started < limit * 1.5
        assert await asyncio.gather(*slow) == [f"of slow{number}" for number in range(LANES)]


async def test_after_the_pause_one_tries_for_all() -> None:
    async with linked(silent, LIMIT) as to:
        assert await to.outcomes("a") == ["timeout"]
        to.clock.now += FIRST_PAUSE
        assert await to.outcomes("abc") == ["timeout", "open", "open"]


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    held, release = asyncio.Event(), asyncio.Event()

    async def conversation(client: Client) -> None:
        while True:
            commands = await client.batch()
            held.set()
            await release.wait()
            client.say(*map(answer_to, commands))

    async with linked(conversation) as to:
        tasks = {name: asyncio.ensure_future(to.outcome(name)) for name in "abcdef"}
        await held.wait()
        for name in "bde":
            tasks[name].cancel()
        release.set()
        said = await asyncio.gather(*tasks.values(), return_exceptions=True)
        left = [isinstance(outcome, asyncio.CancelledError) for outcome in said]
        assert left == [False, True, False, True, True, False]
        assert [said[0], said[2], said[5]] == ["of a", "of c", "of f"]
        assert await to.outcomes("bde") == ["of b", "of d", "of e"]
        assert to.faults == []


async def test_closing_lets_what_is_under_way_be_answered() -> None:
    came, release = asyncio.Event(), asyncio.Event()

    async def conversation(client: Client) -> None:
        commands = await client.batch()
        came.set()
        await release.wait()
        client.say(*map(answer_to, commands))
        await client.closed()

    async with linked(conversation) as to:
        asked = asyncio.ensure_future(to.outcomes("abc"))
        await came.wait()
        closing = asyncio.ensure_future(to.link.close())
        for _ in range(20):  # it would have closed by then
            await asyncio.sleep(0)
        release.set()
        assert await asked == ["of a", "of b", "of c"]
        await closing


FATES = ("answer", "answer", "answer", "refuse", "cut", "tear", "stray")
connections = st.lists(st.lists(st.sampled_from(FATES), max_size=12), max_size=8)
rounds = st.lists(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-1, 12)), min_size=1, max_size=10), max_size=6
)


@given(connections, rounds)
@settings(deadline=None)
async def test_whatever_happens_nobody_gets_what_is_anothers(
    fates: list[list[str]], asked: list[list[tuple[str, int]]]
) -> None:
    """Each connection has a row of fates, one for each command. Each round asks for some names at once; who has a
    number that is not -1 leaves after so many steps.
    """

    async def conversation(client: Client) -> None:
        script = iter(fates[client.number - 1] if client.number <= len(fates) else ())
        while True:
            replies: list[bytes] = []
            stray = False
            for command in await client.batch():
                fate = next(script, "answer")
                if fate in ("cut", "tear"):
                    client.say(*replies, answer_to(command)[:-3] if fate == "tear" else b"")
                    return
                replies.append(REFUSAL if fate == "refuse" else answer_to(command))
                stray = stray or fate == "stray"
            client.say(*replies, answer_to([b"GET", b"nobody"]) if stray else b"")

    async with linked(conversation) as to:
        for names in asked:
            tasks = [asyncio.ensure_future(to.outcome(name)) for name, _ in names]
            for step in range(13):
                for task, (_, leaves) in zip(tasks, names, strict=True):
                    if leaves == step:
                        task.cancel()
                await asyncio.sleep(0)
            for (name, leaves), said in zip(names, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
                if leaves >= 0 and isinstance(said, asyncio.CancelledError):
                    continue
                assert said in (f"of {name}", "reply", "connection", "open")
            to.clock.now += 60
        to.clock.now += 60
        assert await to.outcomes("a") in (["of a"], ["reply"], ["connection"])
