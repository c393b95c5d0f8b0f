"""If these fail, workers and replicas pay each for the same question, or wait for one that is gone.

Two houses with one configuration and one Redis: two workers, but for the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.cache.entry import SCHEMA
from gateway.pipeline.admit import admit
from gateway.pipeline.kept import KeptOnly
from gateway.pipeline.recall import Recall
from gateway.wire.errors import Overloaded
from gateway.wire.http import Reply
from gateway.wire.sse import DONE
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, House, call, header, read
from tests.gateway.pipeline.flyers import USAGE, asked, boarded, calls, once_only, said
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

Pair = tuple[House, House]


@pytest.fixture
async def pair(open_house: OpenHouse, valkey: ValkeyServer) -> Pair:
    return await current(houses(open_house, valkey))


async def current(pair: Pair) -> Pair:
    """They know what was purged."""
    for house in pair:
        purges = house.gateway.current.purges
        assert purges is not None
        purges.start()
        await purges.refresh()
    return pair


def houses(open_house: OpenHouse, server: ValkeyServer, **changes: Any) -> Pair:
    settings = {"cache": {"enabled": True}, "redis": {"url": server.url, "timeout": 5}, **changes}
    return open_house(**settings), open_house(**settings)


async def apart(
    pair: Pair,
    upstreams: Upstreams,
    leads: dict[str, Any],
    follows: Sequence[dict[str, Any]],
    directive: str = "hold:2",
) -> list[asyncio.Task[Reply]]:
    """One leads at the first worker, all others wait at the second."""
    upstreams.local.next(directive)
    leader = asyncio.create_task(pair[0].ask(call(**leads)))
    await asked(upstreams)
    others = [asyncio.create_task(pair[1].ask(call(**body))) for body in follows]
    await boarded(pair[1], len(others))
    return [leader, *others]


@pytest.mark.parametrize("leads", [False, True])
@pytest.mark.parametrize("follows", [(False,) * 5, (True,) * 5, (True, False, True), (False, True)])
async def test_workers_share_one_call(pair: Pair, upstreams: Upstreams, leads: bool, follows: Sequence[bool]) -> None:
    tasks = await apart(pair, upstreams, {"stream": leads}, [{"stream": stream} for stream in follows])
    upstreams.local.release()
    leader, *others = await asyncio.gather(*(finished(task) for task in tasks))
    assert calls(upstreams) == 1
    assert {said(body) for _, body in others} == {said(leader[1])}
    for reply, _ in others:
        assert header(reply, "x-tidegate-cache") == "hit"
        assert header(reply, "x-tidegate-deployment") == "small"
        assert header(reply, "x-tidegate-cost-usd") == "0"
    lines = pair[1].settlements()
    assert [line.outcome for line in lines] == ["hit"] * len(others)
    assert {line.usage for line in lines} == {line.usage for line in pair[0].settlements()}


async def finished(task: asyncio.Task[Reply]) -> tuple[Reply, bytes]:
    reply = await task
    return reply, await read(reply)


@pytest.mark.parametrize("leads", [{"stream": True}, USAGE])
@pytest.mark.parametrize("follows", [{"stream": True}, USAGE])
async def test_a_stream_is_shared_while_it_comes(
    pair: Pair, upstreams: Upstreams, leads: dict[str, Any], follows: dict[str, Any]
) -> None:
    tasks = await apart(pair, upstreams, leads, [follows])
    leader, other = [await task for task in tasks]
    assert other.stream is not None
    first = await other.stream.next()  # and the model has not gone on yet
    assert first
    upstreams.local.release()
    bodies = [await read(leader), first + await read(other)]
    assert said(bodies[0]) == said(bodies[1])
    assert bodies[1].count(b'"prompt_tokens"') == ("stream_options" in follows)


async def test_a_moment_without_redis_cuts_no_stream(
    open_house: OpenHouse, upstreams: Upstreams, own_valkey: ValkeyServer
) -> None:
    """Whoever has an answer of its own would not notice."""
    pair = await current(houses(open_house, own_valkey, redis={"url": own_valkey.url, "timeout": 0.4}))
    leader, other = [await task for task in await apart(pair, upstreams, {"stream": True}, [{"stream": True}])]
    assert other.stream is not None
    first = await other.stream.next()
    with own_valkey.client() as client:
        client.client_pause(800)
    upstreams.local.release()
    whole = await read(leader)
    assert said(first + await read(other)) == said(whole)


async def test_an_answer_that_is_there_already_needs_no_call(pair: Pair, upstreams: Upstreams) -> None:
    first = await pair[0].ask(call())
    await pair[0].pipeline.parts.background.drained()
    again = await pair[1].ask(call())
    assert header(again, "x-tidegate-cache") == "hit"
    assert again.body == first.body


@pytest.mark.parametrize("stream", [False, True])
async def test_a_leader_whose_clients_have_all_left_goes_on_for_those_elsewhere(
    pair: Pair, upstreams: Upstreams, stream: bool
) -> None:
    leader, other = await apart(pair, upstreams, {"stream": stream}, [{"stream": stream}], "hold:0")
    await told_of(pair)
    leader.cancel()
    await asyncio.wait({leader})
    upstreams.local.release()
    assert said((await finished(other))[1]).startswith("local-model says")
    assert calls(upstreams) == 1


async def told_of(pair: Pair) -> None:
    """Until the first worker knows that somebody waits at the second."""
    flights = pair[0].pipeline.parts.flights
    assert flights is not None
    async with asyncio.timeout(30):
        while not any(rider.is_away for flight in flights for rider in flight.riders):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_when_all_have_left_everywhere_the_upstream_is_closed(pair: Pair, upstreams: Upstreams) -> None:
    tasks = await apart(pair, upstreams, {"stream": True}, [{"stream": True}])
    replies = [await task for task in tasks]
    (exchange,) = upstreams.local.journal.exchanges
    for reply in replies:
        assert reply.stream is not None
        await reply.stream.next()
    for reply in replies:
        assert reply.stream is not None
        reply.stream.close()
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, exchange)
    assert [line.outcome for line in pair[0].settlements()] == ["cancelled"]


async def test_where_the_leader_fails_one_of_another_worker_leads(
    open_house: OpenHouse, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    pair = await current(houses(open_house, valkey, routes=once_only(upstreams)))
    tasks = await apart(pair, upstreams, {"model": "home"}, [{"model": "home"}] * 4, "cut:0:fin:gate")
    await told_of(pair)
    upstreams.local.release()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, Exception)
    assert len({reply.body for reply in others if isinstance(reply, Reply)}) == 1
    assert calls(upstreams) == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_sensitive_does_not_pass_through_redis(
    pair: Pair, upstreams: Upstreams, valkey: ValkeyServer, stream: bool
) -> None:
    """Each worker asks for itself, as nothing of such an answer is told to another."""
    upstreams.local.always("parrot")
    tasks = [asyncio.create_task(house.ask(call(CARD, "cloud", stream=stream))) for house in pair for _ in range(3)]
    bodies = [body for _, body in await asyncio.gather(*map(finished, tasks))]
    assert all(CARD in said(body) for body in bodies)
    assert calls(upstreams) == 2
    with valkey.client() as client:
        for name in client.keys("*inbox*"):
            assert b"0154" not in repr(client.xrange(name)).encode()


async def test_a_leader_that_has_died_is_waited_for_no_longer_than_its_lease(
    pair: Pair, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    """Nobody renews the lease of a worker that is no more, and nobody reads its inbox."""
    parts = pair[0].pipeline.parts
    exchange = admit(parts, call(model="home"), DEVELOPER)
    key = Recall(parts).key_of(exchange, parts.cache_plans["home"], exchange.call.body)
    with valkey.client() as client:
        client.set(f"tidegate:{{exact:{SCHEMA}:{key}}}:flight", "somebody dead", px=300)
    replies = await asyncio.gather(*(house.ask(call(model="home")) for house in pair for _ in range(3)))
    assert len({reply.body for reply in replies}) == 1
    assert calls(upstreams) == 1
    assert sorted(header(reply, "x-tidegate-cache") or "" for reply in replies) == ["hit"] * 5 + ["miss"]


async def test_who_looks_and_is_turned_away_keeps_nobody_waiting(pair: Pair, upstreams: Upstreams) -> None:
    """As under overload: what is there is given, and nothing is asked for."""
    pipeline = pair[0].pipeline
    busy = KeptOnly(pipeline.parts, pipeline.shadows, lambda: 1)
    with pytest.raises(Overloaded):
        await busy.run(call(), DEVELOPER)
    upstreams.local.next("hold")
    other = asyncio.create_task(pair[1].ask(call()))
    await asked(upstreams)  # at once: it waits for nobody
    assert pair[1].counted("tidegate_flights_total", result="followed") == 0
    upstreams.local.release()
    await other


@pytest.mark.parametrize("stream", [False, True])
async def test_without_redis_each_worker_flies_alone(
    open_house: OpenHouse, upstreams: Upstreams, own_valkey: ValkeyServer, stream: bool
) -> None:
    pair = houses(open_house, own_valkey)
    own_valkey.kill()
    tasks = [asyncio.create_task(house.ask(call(stream=stream))) for house in pair for _ in range(4)]
    bodies = [body for _, body in await asyncio.gather(*map(finished, tasks))]
    assert all(not stream or body.endswith(DONE) for body in bodies)
    assert calls(upstreams) == 2
