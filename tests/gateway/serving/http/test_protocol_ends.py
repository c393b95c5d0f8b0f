"""If these fail, a client that left is served on, one that stays gets half an answer for a whole one, or the server
does not stop.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct

import pytest

from gateway.serving.server import AT_ONCE
from tests.gateway.leftovers import left_over
from tests.gateway.serving.http.served import PATIENCE, Client, Echo, Stage, chunked, get, post, serving


def reset(client: Client) -> None:
    """The client is gone, and not in peace."""
    sock: socket.socket = client.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.writer.transport.abort()


# --- clients that leave, clients that do not read


@pytest.mark.parametrize("leave", [Client.close, reset])
@pytest.mark.parametrize("sent", [post(b"hello"), post(b"hello")[:-2], chunked(b"hello")[:-5]])
async def test_an_application_is_told_that_its_client_left(leave: object, sent: bytes) -> None:
    assert callable(leave)
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(sent)
        turn = await stage.turn()
        await turn.told()
        leave(client)
        assert await turn.told() == "http.disconnect"
        await turn.end()  # into the void


async def test_a_client_that_closes_its_side_has_left() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(post(b"hello"))
        turn = await stage.turn()
        await turn.told()
        client.writer.write_eof()
        assert await turn.told() == "http.disconnect"
        turn.done.set()
        assert await client.rest() == b""


async def test_requests_of_a_client_that_left_are_not_begun() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get("/1") + get("/2"))
        turn = await stage.turn()
        client.close()
        await served.until(lambda: not served.state.connections)
        turn.done.set()
        await served.until(lambda: not served.state.tasks)
    assert stage.turns.empty()


async def test_an_application_waits_for_a_client_that_does_not_read() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        await turn.start()

        async def flood() -> None:
            for _ in range(400):
                await turn.say(b"x" * 30_000)
            await turn.say(more=False)

        flooding = asyncio.create_task(flood())
        (line,) = served.lines
        await served.until(lambda: line.write_paused)
        assert line._transport.get_write_buffer_size() < 200_000
        assert len((await client.answer()).body) == 12_000_000
        await flooding
        turn.done.set()


async def test_an_application_does_not_wait_for_one_that_is_gone() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        await turn.start()
        (line,) = served.lines
        while not line.write_paused:
            await turn.say(b"x" * 100_000)
        stuck = [asyncio.create_task(turn.say(b"more")) for _ in range(2)]
        await asyncio.sleep(0)
        reset(client)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*stuck)
        turn.done.set()


# --- applications that fail


async def failing(scope: dict[str, object], receive: object, send: object) -> None:
    if scope["path"] == "/raises":
        raise LookupError("inner workings")


@pytest.mark.parametrize("path", ["/raises", "/returns"])
async def test_an_application_that_does_not_answer_is_a_500(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(failing) as served:
        client = await served.client()
        found = await client.ask(post(b"hello", path) + get())
        assert (found.status, found.error["type"], found.error["code"]) == (500, "server_error", "internal_error")
        assert found.headers["date"]
        assert b"inner" not in found.body
        assert await client.rest() == b""
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_500_to_head_has_no_body() -> None:
    async with serving(failing) as served:
        client = await served.client()
        await client.send(get("/returns").replace(b"GET", b"HEAD"))
        assert (await client.answer(bodiless=True)).status == 500
        assert await client.rest() == b""


async def test_an_answer_that_was_only_announced_becomes_a_500() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        await turn.start((b"content-length", b"10"))
        turn.done.set()
        assert (await client.answer()).status == 500


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"10")]])
async def test_an_answer_that_stops_half_way_does_not_look_whole(headers: list[tuple[bytes, bytes]]) -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        await turn.start(*headers)
        await turn.say(b"half")
        turn.done.set()
        with pytest.raises(asyncio.IncompleteReadError):
            await client.answer()


@pytest.mark.parametrize("leave", [Client.close, reset])
@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"", 0),
        (b"G", 0),
        (post(b"hello"), 1),
        (get() * 3, 3),
        (get(headers=b"connection: upgrade\r\nupgrade: h2c\r\n"), 1),
        (chunked(b"hello")[:-5], 0),
        (b"nonsense\r\n\r\n", 1),
        (get(headers=b"transfer-encoding: xchunked\r\n"), 1),
        (chunked(b"hello")[:-5] + b"nonsense", 1),
    ],
)
async def test_a_connection_leaves_nothing_for_the_collector(leave: object, sent: bytes, answers: int) -> None:
    assert callable(leave)
    async with serving(Echo()) as served:
        with left_over() as found:
            for _ in range(3):
                client = await served.client()
                await served.send(client, sent)
                for _ in range(answers):
                    await client.answer()
                leave(client)
                await served.until(lambda: not served.state.connections and not served.state.tasks)
    assert [kind for kind in found if kind.startswith(("gateway.", "httptools."))] == []


# --- the end of the server


async def test_at_the_end_what_is_under_way_gets_its_answer() -> None:
    stage = Stage()
    async with serving(stage) as served:
        idle, begun, busy = [await served.client() for _ in range(3)]
        await busy.send(post(b"hello"))
        turn = await stage.turn()
        await served.send(begun, get()[:10])
        served.server.leave(AT_ONCE)
        stopping = asyncio.create_task(served.server.shutdown())
        assert await idle.rest() == await begun.rest() == b""
        assert not stopping.done()
        await turn.end(b"still")
        found = await busy.answer()
        assert (found.body, found.headers["connection"]) == (b"still", "close")
        assert await busy.rest() == b""
        await asyncio.wait_for(stopping, PATIENCE)
        assert not served.state.connections
        assert not served.state.tasks


async def test_at_the_end_a_stream_under_way_goes_on_to_its_end() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get("/1") + get("/2"))
        turn = await stage.turn()
        await turn.start()
        await turn.say(b"one ")
        served.server.leave(AT_ONCE)
        stopping = asyncio.create_task(served.server.shutdown())
        await served.until(lambda: not served.server.servers[0].is_serving())
        await asyncio.sleep(0)
        await turn.say(b"two", more=False)
        turn.done.set()
        assert (await client.answer()).body == b"one two"
        await (await stage.turn()).end()  # it could not know, and nobody else has its request
        assert (await client.answer()).headers["connection"] == "close"
        assert await client.rest() == b""
        client.close()
        await asyncio.wait_for(stopping, PATIENCE)
    assert stage.turns.empty()
