"""A small ASGI application behind the gateway's HTTP protocol, in a real server on a real socket, and clients that send
what bytes they please.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import uvicorn
from uvicorn.server import ServerState

from gateway.serving.http.limits import Limits
from gateway.serving.http.protocol import HttpProtocol
from gateway.serving.server import Server
from gateway.wire.http import Receive, Send

App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
PATIENCE = 20.0  # seconds until a test gives up; nothing waits for them to pass
HOST = b"host: gateway\r\n"


async def body_of(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def answer(send: Send, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Echo:
    """Says what it was asked, and keeps the scopes. A path that begins with /stream gets chunks."""

    scopes: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        try:
            body = await body_of(receive)
        except ConnectionResetError:
            return
        self.bodies.append(body)
        said = b"%b %b %b" % (scope["method"].encode(), scope["path"].encode(), body)
        if not scope["path"].startswith("/stream"):
            await answer(send, said, 200, (b"content-type", b"text/plain"))
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for place in range(0, len(said), 5):
            await send({"type": "http.response.body", "body": said[place : place + 5], "more_body": True})
        await send({"type": "http.response.body"})


class Stage:
    """An application whose part the test plays: it waits to be told what to do, request by request."""

    def __init__(self) -> None:
        self.turns: asyncio.Queue[Turn] = asyncio.Queue()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        turn = Turn(scope, receive, send)
        self.turns.put_nowait(turn)
        try:
            await turn.done.wait()
        finally:
            turn.done.set()

    async def turn(self) -> Turn:
        """The next request."""
        async with asyncio.timeout(PATIENCE):
            return await self.turns.get()


@dataclass
class Turn:
    scope: dict[str, Any]
    receive: Receive
    send: Send
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, *headers: tuple[bytes, bytes], status: int = 200) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def say(self, body: bytes = b"", *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def end(self, body: bytes = b"done") -> None:
        """A whole answer, and the application returns."""
        await answer(self.send, body)
        self.done.set()

    async def told(self) -> str:
        """The type of the next message."""
        async with asyncio.timeout(PATIENCE):
            return str((await self.receive())["type"])


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = orjson.loads(self.body)["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        return error


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, data: bytes) -> Answer:
        await self.send(data)
        return await self.answer()

    async def answer(self, *, bodiless: bool = False) -> Answer:
        """The next one. `bodiless` is one to HEAD."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
            version, status, _ = first.split(" ", 2)
            assert version == "HTTP/1.1"
            headers = dict(line.split(": ", 1) for line in lines)
            assert len(headers) == len(lines)
            assert not {"content-length", "transfer-encoding"} <= headers.keys()
            has_body = not bodiless and status not in {"100", "204", "304"}
            return Answer(int(status), headers, await self._body(headers) if has_body else b"")

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.read()
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def rest(self) -> bytes:
        """All that comes until the server closes its side."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


@dataclass
class Served:
    server: Server
    port: int
    received: int = 0  # bytes
    writes: list[bytes] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    @property
    def state(self) -> ServerState:
        return self.server.server_state

    @property
    def lines(self) -> list[HttpProtocol]:
        """The server's ends of the connections."""
        return [line for line in self.state.connections if isinstance(line, HttpProtocol)]

    async def client(self, *, most_unread: int = 2**16) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, limit=most_unread))
        self.clients.append(client)
        return client

    async def send(self, client: Client, *pieces: bytes) -> None:
        """By itself each: one has been read before the next is sent. For one client at a time."""
        for piece in pieces:
            wanted = self.received + len(piece)
            await client.send(piece)
            await self.until(lambda: self.received >= wanted)  # noqa: B023  # waited for in this round

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # of the server, in this very loop
                await asyncio.sleep(0)


class Tap(asyncio.Protocol):
    """Between the event loop and the server's end of a connection: notes what comes and goes."""

    def __init__(self, line: HttpProtocol, served: Served) -> None:
        self._line = line
        self._served = served
        self.connection_lost = line.connection_lost  # type: ignore[method-assign]
        self.eof_received = line.eof_received  # type: ignore[method-assign]
        self.pause_writing = line.pause_writing  # type: ignore[method-assign]
        self.resume_writing = line.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line.connection_made(cast(asyncio.BaseTransport, TappedTransport(transport, self._served)))

    def data_received(self, data: bytes) -> None:
        self._served.received += len(data)
        self._line.data_received(data)


class TappedTransport:
    """Notes what is written, and is the transport in all else."""

    def __init__(self, transport: Any, served: Served) -> None:
        self._transport = transport
        self._served = served

    def write(self, data: bytes) -> None:
        self._served.writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@contextlib.asynccontextmanager
async def serving(app: App, limits: Limits | None = None, *, idle: int = 75) -> AsyncIterator[Served]:
    """Ends when all clients have left, and fails where the server then still counts a connection or a task."""

    def tapped(**given: Any) -> Tap:
        return Tap(HttpProtocol(**given, limits=limits), served)

    config = uvicorn.Config(
        app,
        http=tapped,  # type: ignore[arg-type]  # it makes what a class would
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level=logging.WARNING,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=idle,
    )
    config.load()
    server = Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(server, listener.getsockname()[1])
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    await server.on_tick(0)
    try:
        yield served
    finally:
        for client in served.clients:
            client.close()
        try:
            await served.until(lambda: not served.state.connections and not served.state.tasks)
        finally:
            for task in served.state.tasks:
                task.cancel()
            for line in served.lines:
                line._transport.abort()
            for listening in server.servers:
                listening.close()
            listener.close()


def get(path: str = "/", *, headers: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\n%b%b\r\n" % (path.encode(), HOST, headers)


def post(body: bytes, path: str = "/", *, headers: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\n%b%bcontent-length: %d\r\n\r\n%b" % (path.encode(), HOST, headers, len(body), body)


def chunked(*chunks: bytes, path: str = "/", headers: bytes = b"", trailers: bytes = b"") -> bytes:
    head = b"POST %b HTTP/1.1\r\n%b%btransfer-encoding: chunked\r\n\r\n" % (path.encode(), HOST, headers)
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n%b\r\n" % trailers
