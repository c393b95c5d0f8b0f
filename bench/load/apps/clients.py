"""Three ways to call the upstream: aiohttp, httpx, and one connection class on httptools with nothing in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, cast

import aiohttp
import httptools
import httpx

Answer = tuple[int, str, bytes | AsyncIterator[bytes]]  # status, content type, body
_PATH = "/v1/chat/completions"
_HEADERS = {"content-type": "application/json", "authorization": "Bearer up"}
_CONNECTIONS, _SECONDS = 1024, 60.0


class Client(Protocol):
    async def start(self) -> None: ...

    async def call(self, body: bytes, *, streamed: bool) -> Answer: ...


class Aiohttp:
    _session: aiohttp.ClientSession

    def __init__(self, upstream: str) -> None:
        self._url = upstream + _PATH

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
        )

    async def call(self, body: bytes, *, streamed: bool) -> Answer:
        response = await self._session.post(self._url, data=body, headers=_HEADERS)
        kind = response.headers.get("content-type", "")
        if streamed and response.status == 200:
            return response.status, kind, self._chunks(response)
        return response.status, kind, await response.read()

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        finally:
            response.release()


class Httpx:
    _client: httpx.AsyncClient

    def __init__(self, upstream: str) -> None:
        self._url = upstream + _PATH

    async def start(self) -> None:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        self._client = httpx.AsyncClient(limits=limits, timeout=_SECONDS)

    async def call(self, body: bytes, *, streamed: bool) -> Answer:
        request = self._client.build_request("POST", self._url, content=body, headers=_HEADERS)
        response = await self._client.send(request, stream=streamed)
        kind = response.headers.get("content-type", "")
        return response.status_code, kind, self._chunks(response) if streamed else response.content

    async def _chunks(self, response: httpx.Response) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.aiter_raw():
                yield chunk
        finally:
            await response.aclose()


class Connection(asyncio.Protocol):
    """One kept connection. An answer is delivered whole, or, when streamed, through a queue."""

    transport: asyncio.Transport
    parser: httptools.HttpResponseParser

    def __init__(self, pool: list[Connection]) -> None:
        self.pool, self.alive, self.done, self.streamed = pool, True, True, False
        self.answered: asyncio.Future[Answer] | None = None
        self.parts: list[bytes] = []
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.kind, self.status = "", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        if self.answered and not self.answered.done():
            self.answered.set_exception(exc or ConnectionResetError())
        elif not self.done:
            self.queue.put_nowait(None)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == 12 and name.lower() == b"content-type":
            self.kind = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()
        self.streamed = self.streamed and self.status == 200
        if self.streamed and self.answered:
            self.answered.set_result((200, self.kind, self.chunks(self.queue)))

    def on_body(self, part: bytes) -> None:
        if self.streamed:
            self.queue.put_nowait(part)
        else:
            self.parts.append(part)

    def on_message_complete(self) -> None:
        self.done = True
        if self.streamed:
            self.queue.put_nowait(None)
        elif self.answered:
            self.answered.set_result((self.status, self.kind, b"".join(self.parts)))
        if self.alive:
            self.pool.append(self)

    async def chunks(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        """`queue` is handed over: the connection may serve somebody else before the last chunk is read."""
        ended = False
        try:
            while (chunk := await queue.get()) is not None:
                yield chunk
            ended = True
        finally:
            if not ended and self.queue is queue and not self.done:
                self.transport.close()

    def send(self, head: bytes, body: bytes, *, streamed: bool) -> asyncio.Future[Answer]:
        self.parser = httptools.HttpResponseParser(self)
        self.answered = asyncio.get_running_loop().create_future()
        self.parts, self.queue, self.kind = [], asyncio.Queue(), ""
        self.streamed, self.done = streamed, False
        self.transport.write(head % (len(body), body))
        return self.answered


class Raw:
    def __init__(self, upstream: str) -> None:
        self._host, _, port = upstream.rpartition("/")[2].partition(":")
        self._port, self._pool = int(port), list[Connection]()
        self._head = (
            f"POST {_PATH} HTTP/1.1\r\nhost: {self._host}:{port}\r\n".encode()
            + "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items()).encode()
            + b"content-length: %d\r\n\r\n%b"
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def call(self, body: bytes, *, streamed: bool) -> Answer:
        while self._pool:
            connection = self._pool.pop()
            if connection.alive:
                return await connection.send(self._head, body, streamed=streamed)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self._pool), self._host, self._port)
        return await connection.send(self._head, body, streamed=streamed)


def client(name: str, upstream: str) -> Client:
    """`aiohttp`, `httpx` or `raw`."""
    known: dict[str, type[Aiohttp] | type[Httpx] | type[Raw]] = {"aiohttp": Aiohttp, "httpx": Httpx, "raw": Raw}
    return known[name](upstream)
