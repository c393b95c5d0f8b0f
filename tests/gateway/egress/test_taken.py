"""If these fail, a request that a model may be at work on is sent twice, or one that nobody has seen is lost."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.egress.taken import may_be_taken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what was acknowledged")

LINGER_ZERO = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST instead of FIN
FIRST, SECOND = b"first", b"x" * 1000
WRITTEN = len(FIRST + SECOND)


class End(asyncio.Protocol):
    """`taken` is what is known of `WRITTEN` when the connection is lost."""

    def __init__(self) -> None:
        self.taken = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.taken.set_result(may_be_taken(self.transport, WRITTEN, is_reset=exc is not None))


@asynccontextmanager
async def met() -> AsyncIterator[tuple[End, socket.socket]]:
    """Both ends, once the other one has read `FIRST`."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        transport, end = await loop.create_connection(End, *server.getsockname())
        there, _ = await loop.sock_accept(server)
        with there:
            there.setblocking(False)
            transport.write(FIRST)
            assert await loop.sock_recv(there, 100) == FIRST
            yield end, there
        transport.close()


def close(there: socket.socket, *, is_reset: bool) -> None:
    if is_reset:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    there.close()


@pytest.mark.parametrize("is_reset", [False, True])
async def test_a_server_that_closed_before_has_not_got_it(*, is_reset: bool) -> None:
    async with met() as (end, there):
        close(there, is_reset=is_reset)
        end.transport.write(SECOND)
        assert await end.taken is False


@pytest.mark.parametrize("is_reset", [False, True])
async def test_a_server_that_read_it_and_closed_has(*, is_reset: bool) -> None:
    async with met() as (end, there):
        end.transport.write(SECOND)
        assert await asyncio.get_running_loop().sock_recv(there, 5000) == SECOND
        close(there, is_reset=is_reset)
        assert await end.taken is True


async def test_what_is_no_connection_of_tcp_tells_nothing() -> None:
    loop = asyncio.get_running_loop()
    one, other = socket.socketpair()
    with other:
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=one)
        assert may_be_taken(transport, 0, is_reset=True) is False
        transport.close()
