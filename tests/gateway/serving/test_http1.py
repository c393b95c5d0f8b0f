"""If these fail, replies are not what uvicorn would send, leave in more packets than they need, or overrun a client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.serving.http1 import Http1
from gateway.serving.supervisor import bind
from gateway.serving.worker import Server
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import KEY, House, deployment, settings
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
REQUEST = b"%b /x HTTP/1.%d\r\nhost: h\r\ncontent-length: 2\r\n%b\r\nhi"
KIND = (b"content-type", b"text/plain")


class Wire(asyncio.Transport):
    """A client's end that keeps each write by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self.closed:
            self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing is sent against its will."""

    resume_reading = pause_reading


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def served(protocol: type[HttpToolsProtocol], messages: Sequence[dict[str, Any]]) -> tuple[HttpToolsProtocol, Wire]:
    """A connection to an application that sends these messages to every request."""

    async def app(_: Any, receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
        assert (await receive())["body"] == b"hi"
        for message in messages:
            await send(message)

    settings = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    state = ServerState()
    state.default_headers = [(b"date", b"today")]
    connection, wire = protocol(settings, state, {}), Wire()
    connection.connection_made(wire)
    return connection, wire


async def answered(
    protocol: type[HttpToolsProtocol], messages: Sequence[dict[str, Any]], *requests: bytes
) -> tuple[list[bytes], bool]:
    """What is written to a client that asks this at once, and whether the connection is closed then."""
    connection, wire = served(protocol, messages)
    connection.data_received(b"".join(requests))
    while tasks := set(connection.server_state.tasks):
        await asyncio.wait(tasks)
    closed = wire.closed
    connection.connection_lost(None)
    return wire.writes, closed


@pytest.mark.parametrize(
    "request_", [(b"POST", 1, b""), (b"POST", 1, b"connection: close\r\n"), (b"POST", 0, b""), (b"HEAD", 1, b"")]
)
@pytest.mark.parametrize(
    "messages",
    [
        [start(200, KIND, (b"content-length", b"5")), body(b"hello")],
        [start(200, KIND, (b"content-length", b"5")), body(b"he", more=True), body(b"llo")],
        [start(200, KIND), body(b"hello", more=True), body(b"", more=True), body(b"there", more=True), body()],
        [start(200, KIND), body(b"hello")],
        [start(200), body()],
        [start(204), body()],
        [start(599), body(b"odd")],
        [start(304, (b"etag", b'"x"')), body()],
        [start(503, KIND, (b"connection", b"Close")), body(b"gone")],
        [start(200, (b"x-odd", b"tab\tand \xfc\xff")), body(b"x" * 100_000)],
        [start(200, (b"content-length", b"9")), body(b"hello")],
        [body(b"hello")],
        [start(200), body(b"hello"), body(b"again")],
        [],
    ],
)  # fmt: skip
async def test_what_leaves_is_what_uvicorn_sends(
    messages: list[dict[str, Any]], request_: tuple[bytes, int, bytes]
) -> None:
    request = REQUEST % request_
    expected, closed = await answered(HttpToolsProtocol, messages, request)
    sent, closed_too = await answered(Http1, messages, request)
    assert b"".join(sent) == b"".join(expected)
    assert closed_too == closed


@pytest.mark.parametrize(
    "messages",
    [
        [start(200, (b"content-length", b"3")), body(b"hello")],
        [start(200, (b"x-injected", b"a\r\nset-cookie: b")), body(b"hello")],
        [start(200, (b"x:injected", b"a")), body(b"hello")],
        [start(200, (b"Content-Length", b"5")), body(b"hello")],
        [start(200), start(200), body(b"hello")],
        [start(200)],
    ],
)
async def test_a_reply_that_must_not_be_is_none(messages: list[dict[str, Any]]) -> None:
    assert await answered(Http1, messages, REQUEST % (b"POST", 1, b"")) == ([], True)


async def test_the_head_leaves_with_the_first_part_of_the_body() -> None:
    whole = [start(200, KIND, (b"content-length", b"5")), body(b"hello")]
    parts = [start(200, KIND), body(b"hel", more=True), body(b"lo")]
    assert len((await answered(Http1, whole, REQUEST % (b"POST", 1, b"")))[0]) == 1
    writes, _ = await answered(Http1, parts, REQUEST % (b"POST", 1, b""))
    assert [write.endswith(end) for write, end in zip(writes, (b"3\r\nhel\r\n", b"2\r\nlo\r\n0\r\n\r\n"), strict=True)]


async def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    request = REQUEST % (b"POST", 1, b"")
    writes, closed = await answered(Http1, [start(200, KIND), body(b"hello")], request, request, request)
    assert len(writes) == 3
    assert len(set(writes)) == 1
    assert not closed


async def test_a_client_that_does_not_read_is_waited_for() -> None:
    connection, wire = served(Http1, [start(200), body(b"a", more=True), body(b"b")])
    connection.pause_writing()
    connection.data_received(REQUEST % (b"POST", 1, b""))
    (task,) = connection.server_state.tasks
    await asyncio.wait({task}, timeout=0.05)
    assert wire.writes == []
    connection.resume_writing()
    await asyncio.wait_for(task, 5)
    assert wire.writes[-1].endswith(b"0\r\n\r\n")
    connection.connection_lost(None)


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[int]:
    """The port at which a house is at home."""
    listener = bind("127.0.0.1", 0)
    server = Server(uvicorn.Config(house.gateway.asgi, http=Http1, ws="none", lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()
    try:
        yield listener.getsockname()[1]
    finally:
        server.stop()
        await task


def streamed_question() -> bytes:
    asked = {"model": "away", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    body = json.dumps(asked).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {KEY}\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


async def test_a_client_that_does_not_read_holds_up_the_model(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """From the client's socket back to the model's: nothing piles up in between."""
    most, event = 128 * 1024 * 1024, b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % (b"x" * 65_536)
    sent, left = 0, asyncio.Event()

    async def talkative(_: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        nonlocal sent
        await request_of(reader)
        await reply.begin_stream()
        try:
            while sent < most:
                await reply.piece(event)
                sent += len(event)
        finally:
            left.set()

    async with serving(talkative) as base_url:
        away = {**deployment(upstreams.cloud, "cloud"), "base_url": base_url, "timeouts": {}}
        house = open_house(deployments={**settings(upstreams)["deployments"], "large": away})
        async with listening(house) as port, asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            try:
                writer.write(streamed_question())
                await reader.readuntil(b"data: ")
                stalled, before = 0, -1
                while stalled < 100:  # the model comes to a stand
                    stalled, before = (stalled + 1, sent) if sent == before else (0, sent)
                    await asyncio.sleep(0.001)
                assert sent < most
                while sent == before:  # and goes on when the client does
                    await reader.readexactly(65_536)
                assert house.settlements() == []
            finally:
                writer.close()
            await left.wait()
        assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]


async def test_nothing_is_sent_to_a_client_that_is_gone() -> None:
    connection, wire = served(Http1, [start(200), body(b"a")])
    connection.data_received(REQUEST % (b"POST", 1, b""))
    (task,) = connection.server_state.tasks
    connection.connection_lost(None)
    await asyncio.wait({task})
    assert wire.writes == []
