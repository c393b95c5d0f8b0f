"""The floor for Python: uvloop protocols on both sides, httptools as parser, the request's JSON parsed.

    python floor.py PORT UPSTREAM_PORT

No ASGI, no framework, no error handling. Not a gateway anybody should run; it says what the interpreter itself costs.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import httptools
import orjson
import uvloop

_HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%b"
)


class Upward(asyncio.Protocol):
    """A connection to the upstream. Bytes go back untouched; the parser only finds the end."""

    transport: asyncio.Transport
    parser: httptools.HttpResponseParser

    def __init__(self, pool: list[Upward]) -> None:
        self.pool, self.alive = pool, True
        self.down: Downward | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.alive = False
        if self.down:
            self.down.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.down:
            self.down.transport.write(data)
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.down = None
        self.pool.append(self)

    def send(self, down: Downward, body: bytes) -> None:
        self.down, self.parser = down, httptools.HttpResponseParser(self)
        self.transport.write(_HEAD % (len(body), body))


class Downward(asyncio.Protocol):
    """A connection of a client."""

    transport: asyncio.Transport
    parts: list[bytes]

    def __init__(self, pool: list[Upward], upstream: int) -> None:
        self.pool, self.upstream = pool, upstream
        self.connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.parts = []

    def on_body(self, part: bytes) -> None:
        self.parts.append(part)

    def on_message_complete(self) -> None:
        body = b"".join(self.parts)
        orjson.loads(body)
        while self.pool:
            up = self.pool.pop()
            if up.alive:
                up.send(self, body)
                return
        self.connecting = asyncio.get_running_loop().create_task(self.connect(body))

    async def connect(self, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, up = await loop.create_connection(lambda: Upward(self.pool), "127.0.0.1", self.upstream)
        up.send(self, body)


async def serve(port: int, upstream: int) -> None:
    pool: list[Upward] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Downward(pool, upstream), "127.0.0.1", port, backlog=4096, reuse_port=True
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
