"""Both ends of a connection to a model: a server that says exactly what a test tells it to, a socket in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from gateway.egress.connection import Connection
from gateway.egress.http_answer import HttpAnswer
from gateway.egress.pool import Pool
from gateway.egress.target import Target
from tests.gateway.egress.permits import patience

HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nx-trailer: 1\r\n\r\n"
)


class Peer:
    """A server that says exactly what a test tells it to. `opened` counts connections, `asked` holds requests."""

    def __init__(self) -> None:
        self.opened = 0
        self.asked: list[bytes] = []
        self.closed = asyncio.Event()

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.asked.append(head + await reader.readexactly(length))
        return self.asked[-1]


@asynccontextmanager
async def talking(
    talk: Callable[[Peer, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **limits: float
) -> AsyncIterator[tuple[Pool, Peer]]:
    peer = Peer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.opened += 1
        try:
            await talk(peer, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            peer.closed.set()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = pool_to(port, **limits)
    try:
        yield pool, peer
    finally:
        pool.close()
        server.close()
        await server.wait_closed()


def pool_to(port: int, **limits: float) -> Pool:
    return Pool(Target("d", "local", "openai", "m", f"http://127.0.0.1:{port}/v1", patience(**limits), api_key="k1"))


def saying(*answers: bytes, then_close: bool = False) -> Callable[..., Awaitable[None]]:
    """Each request on a connection gets the next answer."""

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await peer.request(reader)
            writer.write(answer)
            await writer.drain()
        if not then_close:
            await reader.read()

    return talk


async def ask(pool: Pool, body: bytes = b"{}", *, streamed: bool = False) -> HttpAnswer:
    return await pool.post("/chat/completions", body, pool._target.patience, streamed=streamed)


async def read(answer: HttpAnswer) -> bytes:
    parts = []
    while part := await answer.chunk():
        parts.append(part)
    return b"".join(parts)


class Socket(asyncio.Transport):
    """The near end of a connection: keeps what is written, and says whether it would be read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading = True
        self.open = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.written.append(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return not self.open

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.open = False

    abort = close


def connected() -> tuple[Connection, Socket, list[Connection]]:
    """A connection, its socket, and the connections that are free again."""
    free: list[Connection] = []
    connection = Connection(asyncio.get_running_loop(), free.append, lambda _: None)
    socket = Socket()
    connection.connection_made(socket)
    return connection, socket, free


def post(connection: Connection, body: bytes = b"{}") -> HttpAnswer:
    return connection.post(b"head\r\n\r\n", body, first=60, between=60, deadline=connection.loop.time() + 60)
