"""A TCP proxy between the gateway and a store: it makes the store slow, and is the address that a failover moves.

It runs in a thread of its own, and is told what to do from the test's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, Self

_PIECE: Final = 1 << 16  # bytes
_HOST: Final = "127.0.0.1"

_Held = asyncio.Queue[tuple[float, bytes]]  # when it may go on, in the loop's time, and what it is; nothing: the end


class Proxy:
    """Everything on `port` goes to the server on `to`. `delay`: seconds by which every answer comes late."""

    def __init__(self, to: int) -> None:
        self.delay = 0.0
        self._to = to
        # The protocol is named, since asyncio sends small pieces at once (TCP_NODELAY) only where it knows it.
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listening.bind((_HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._meetings: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def lead_to(self, port: int) -> None:
        """For who connects from now on; connections that stand stay where they are."""
        self._to = port

    def cut(self) -> None:
        """Every connection, at once."""
        self._loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._meetings.add(task)
        task.add_done_callback(self._meetings.discard)
        try:
            there_reader, there_writer = await asyncio.open_connection(_HOST, self._to, limit=_PIECE)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, there_writer}
        self._writers |= both
        held: _Held = asyncio.Queue()
        ways = [
            asyncio.create_task(self._pass_on(reader, there_writer)),
            asyncio.create_task(self._hold(there_reader, held)),
            asyncio.create_task(self._let_go(held, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if ways[1].done() and not ways[0].done():  # the server has closed: what it said before still arrives
                await ways[2]
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._writers -= both
            for side in both:
                side.transport.abort() if side is there_writer else side.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_PIECE):
                writer.write(data)
                await writer.drain()

    async def _hold(self, reader: asyncio.StreamReader, held: _Held) -> None:
        data = b"-"
        while data:
            try:
                data = await reader.read(_PIECE)
            except OSError:
                data = b""
            held.put_nowait((self._loop.time() + self.delay, data))

    async def _let_go(self, held: _Held, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = await held.get()
                await asyncio.sleep(due - self._loop.time())
                if not data:
                    return
                writer.write(data)
                await writer.drain()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._meet, sock=self._listening, limit=_PIECE)

    async def _leave(self) -> None:
        assert self._server is not None, "it was never entered"
        self._server.close()
        for task in tuple(self._meetings):
            task.cancel()
        await asyncio.gather(*self._meetings, return_exceptions=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
