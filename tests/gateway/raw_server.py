"""A server that a test writes by hand: for what a connection does between and around answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from tests.upstream.http import Reply, Request, read_request

Conversation = Callable[[int, asyncio.StreamReader, Reply], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(conversation: Conversation, port: int = 0) -> AsyncIterator[str]:
    """The server's `base_url`. `conversation(number, reader, reply)` has the connection of that number, from 1.
    `port` 0 is any."""
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await conversation(len(tasks), reader, Reply(writer))
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


async def request_of(reader: asyncio.StreamReader) -> Request:
    """The next request; ends the conversation where there is none."""
    request = await read_request(reader)
    if request is None:
        raise ConnectionResetError
    return request
