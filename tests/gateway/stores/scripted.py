"""A server that speaks Redis' protocol and does with every connection what the test says: for what Redis never does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import hiredis

Command = list[bytes]
REFUSAL = b"-ERR not today\r\n"


class Client:
    """One connection, seen from the server. `number` counts them, from 1."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self._reader = reader
        self._writer = writer
        self._commands = hiredis.Reader()

    async def batch(self) -> list[Command]:
        """The commands that came together; ends the conversation where the client closes."""
        commands: list[Command] = []
        while not commands:
            data = await self._reader.read(1 << 20)
            if not data:
                raise ConnectionResetError
            self._commands.feed(data)
            commands.extend(iter(self._commands.gets, False))
        return commands

    def say(self, *replies: bytes) -> None:
        self._writer.write(b"".join(replies))

    async def closed(self) -> None:
        """Until the client has closed; what it sends meanwhile is left unanswered."""
        while await self._reader.read(1 << 20):
            pass


Conversation = Callable[[Client], Awaitable[None]]


def value_of(command: Command) -> bytes:
    """What this server keeps under every key: something that says whose it is."""
    return b"of " + command[1]


def bulk(value: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(value), value)


def answer_to(command: Command) -> bytes:
    return bulk(value_of(command))


async def answering(client: Client) -> None:
    """Redis on a good day."""
    while True:
        client.say(*map(answer_to, await client.batch()))


@contextlib.asynccontextmanager
async def scripted(conversation: Conversation) -> AsyncIterator[str]:
    """The server's URL. When a conversation ends, its connection is closed."""
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await conversation(Client(len(tasks), reader, writer))
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
