"""The server of one worker: uvicorn, but for how it ends.

    told to leave ─► every answer says that its connection closes ─► nobody new is let in ─► what is under way ends

A connection is closed between two requests, and where its client can have heard so: behind an answer that said it, or
when the client has not used it for a while. A request that is on its way already is still answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import NamedTuple, cast

import uvicorn

from gateway.serving.http.protocol import HttpProtocol

LOOK_SECONDS = 0.05  # between two looks for connections that can be closed
_CLOSE = (b"connection", b"close")
_log = logging.getLogger(__name__)


class Farewell(NamedTuple):
    """How a server ends; seconds."""

    accepting: float
    """From now on, for which new connections are let in…"""
    idle: float
    """…after which a connection is closed that has not been used for so long…"""
    limit: float
    """…and then, for what is under way."""


AT_ONCE = Farewell(0.0, 0.0, 30.0)
"""Nobody is waited for but those who wait for an answer."""


class Server(uvicorn.Server):
    """The process's signals are left to the worker: it has books to close after the last request."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._farewell: Farewell | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._hurried = asyncio.Event()

    @property
    def is_leaving(self) -> bool:
        return self._farewell is not None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def leave(self, farewell: Farewell) -> None:
        """The first word counts, unless a later one wants nobody let in any more."""
        if self._farewell is None:
            self._farewell = farewell
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
            self._timer = asyncio.get_running_loop().call_later(farewell.accepting, self._close_door)
        if not farewell.accepting:
            self._farewell = farewell
            self._close_door()

    def hurry(self) -> None:
        """What is under way is broken off: each client is told."""
        self.leave(AT_ONCE)
        self._hurried.set()

    def _close_door(self) -> None:
        self.should_exit = True
        if self._timer is not None:
            self._timer.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(0)  # once more to those who are already connected, and wait to be let in
        for server in self.servers:
            server.close()
        for own in sockets or ():
            own.close()
        loop = asyncio.get_running_loop()
        farewell = self._farewell or AT_ONCE
        until = loop.time() + farewell.limit
        while self._is_busy(farewell) and not self._hurried.is_set() and loop.time() < until:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._hurried.wait()
        self._break_off()

    def _is_busy(self, farewell: Farewell) -> bool:
        """Whether anybody is there, or anything under way. Connections that nobody uses are closed."""
        for connection in tuple(self.server_state.connections):
            cast(HttpProtocol, connection).shutdown(farewell.idle)
        return bool(self.server_state.connections or self.server_state.tasks)

    def _break_off(self) -> None:
        tasks = tuple(self.server_state.tasks)
        if tasks:
            _log.warning("requests that are broken off, since the gateway ends: %d", len(tasks))
        for task in tasks:
            task.cancel()
