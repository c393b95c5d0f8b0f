"""If these fail, a client holds a connection by being slow, or loses its answer by another request being slow."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.serving.http.limits import Limits
from gateway.serving.http.protocol import HttpProtocol
from tests.gateway.serving.http.served import PATIENCE, Served, Stage, chunked, get, post, serving

AT_ONCE = 0.0  # seconds
LOOK = 0.01


async def looked_at(served: Served, line: HttpProtocol) -> None:
    seen = line._timer
    await served.until(lambda: line._timer is not seen)


@pytest.mark.parametrize("sent", [b"G", get()[:-2], get() + b"G"])
async def test_a_head_that_takes_too_long(sent: bytes) -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, head=AT_ONCE)) as served:
        client = await served.client()
        await client.send(sent)
        if sent.startswith(get()):
            await (await stage.turn()).end()
            assert (await client.answer()).body == b"done"
        found = await client.answer()
        assert (found.status, found.headers["connection"]) == (408, "close")
        assert await client.rest() == b""


async def test_a_head_has_its_time_however_long_the_connection_was_idle() -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, head=100.0)) as served:
        client = await served.client()
        await served.send(client, b"\r\n")
        (line,) = served.lines
        line._since -= 1000.0
        await served.send(client, get()[:10])
        await looked_at(served, line)
        await client.send(get()[10:])
        await (await stage.turn()).end()
        assert (await client.answer()).status == 200


@pytest.mark.parametrize("sent", [post(b"hello")[:-1], chunked(b"hello")[:-5]])
async def test_a_body_that_takes_too_long(sent: bytes) -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, request=AT_ONCE)) as served:
        client = await served.client()
        await client.send(sent)
        assert (await client.answer()).status == 408
        turn = await stage.turn()
        assert await turn.told() == "http.disconnect"
        turn.done.set()


@pytest.mark.parametrize("slow", [b"", post(b"hello", "/slow")[:-1]])
async def test_an_answer_may_take_longer_than_any_request(slow: bytes) -> None:
    """And than a client that sends the next one slowly meanwhile."""
    stage = Stage()
    hasty = Limits(look=LOOK, head=AT_ONCE, request=AT_ONCE, linger=AT_ONCE)
    async with serving(stage, hasty, idle=0) as served:
        client = await served.client()
        await client.send(get() + slow)
        turn = await stage.turn()
        await turn.start()
        await turn.say(b"one ")
        (line,) = served.lines
        await served.until(lambda: not line._reading)  # the slow one has been given up
        await looked_at(served, line)
        await turn.say(b"two", more=False)
        turn.done.set()
        assert (await client.answer()).body == b"one two"
        if slow:
            assert (await client.answer()).status == 408
    assert stage.turns.empty()


async def test_a_body_that_has_to_wait_for_us_is_not_slow() -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, request=AT_ONCE)) as served:
        client = await served.client()
        sending = asyncio.create_task(client.send(post(b"x" * 20_000_000)))
        turn = await stage.turn()
        (line,) = served.lines
        await served.until(lambda: line._reading_paused)
        await looked_at(served, line)
        assert not turn.done.is_set()
        assert await turn.told() == "http.request"
        turn.done.set()
        client.close()
        await asyncio.gather(sending, return_exceptions=True)


@pytest.mark.parametrize("before", [b"", get()])
async def test_a_connection_that_nobody_uses_is_closed(before: bytes) -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK), idle=0) as served:
        client = await served.client()
        if before:
            await client.send(before)
            await (await stage.turn()).end()
            await client.answer()
        assert await client.rest() == b""
        await served.until(lambda: not served.state.connections)


async def test_a_client_that_never_reads_is_given_up() -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, unread=0.05)) as served:
        client = await served.client(most_unread=1)
        await client.send(get())
        turn = await stage.turn()
        await turn.start()
        (line,) = served.lines
        async with asyncio.timeout(PATIENCE):
            while served.state.connections:
                await turn.say(b"x" * 1_000_000)
        assert line.write_paused is False
        assert await turn.told() == "http.disconnect"
        turn.done.set()


async def test_a_client_that_never_reads_its_last_answer_is_given_up() -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, unread=0.05)) as served:
        client = await served.client(most_unread=1)
        await client.send(get(headers=b"connection: close\r\n"))
        turn = await stage.turn()
        await turn.end(b"x" * 20_000_000)
        await served.until(lambda: not served.state.connections)


async def test_a_client_that_reads_slowly_is_not_given_up() -> None:
    stage = Stage()
    async with serving(stage, Limits(look=LOOK, unread=0.1)) as served:
        client = await served.client(most_unread=1)
        await client.send(get(headers=b"connection: close\r\n"))
        turn = await stage.turn()
        (line,) = served.lines
        line._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50_000)
        await turn.end(b"x" * 8_000_000)
        looks = read = 0
        while data := await client.reader.read(200_000):
            read += len(data)
            if served.state.connections:
                looks += 1
                await looked_at(served, line)
        assert read > 8_000_000
        assert looks * LOOK > 0.1


async def test_a_refused_client_that_does_not_close_is_not_waited_for() -> None:
    async with serving(Stage(), Limits(look=LOOK, linger=AT_ONCE)) as served:
        client = await served.client()
        assert (await client.ask(b"nonsense\r\n\r\n")).status == 400
        await served.until(lambda: not served.state.connections)


async def test_a_refused_client_can_send_all_and_then_read_why() -> None:
    """A connection that is closed at once is reset, and the answer lost."""
    async with serving(Stage()) as served:
        client = await served.client()
        await client.send(b"nonsense\r\n\r\n")
        await client.send(b"x" * 3_000_000)
        assert (await client.answer()).status == 400
        await client.send(b"x" * 3_000_000)
        assert served.state.connections
