"""Lookout: asks a deployment's server how busy it is, about once a second while somebody wants to know.

Beside all requests, at the deployment's own address and over a connection of its own; nothing of any request is in it.
What the address may be is checked as for any other call: a public one is refused in zone `local`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.egress.load import SERVERS, Reading, Server
from gateway.egress.pool import Pool
from gateway.egress.room import Room
from gateway.egress.target import Patience, Target
from gateway.wire.errors import GatewayError

SECONDS: Final = 1.0  # between two looks
REST_SECONDS: Final = 60.0  # the longest pause after a server told nothing; each is twice the one before
MOST_BYTES: Final = 1024 * 1024  # of one answer; vLLM's numbers are some 100 KB
_PATIENCE: Final = Patience(connect=1.0, first_token=1.0, between_chunks=1.0, total=2.0)


class Lookout:
    """`kind`: one of `SERVERS`, or `auto` for whichever it is. `draw` gives 0 to below 1."""

    def __init__(
        self, room: Room, target: Target, kind: str, draw: Callable[[], float], seconds: float = SECONDS
    ) -> None:
        self.target = target
        self.kind = kind
        self._room = room
        self._draw = draw
        self._seconds = seconds
        self._known: tuple[Server, ...] = tuple(SERVERS.values()) if kind == "auto" else (SERVERS[kind],)
        self._kinds = self._known
        self._absent: set[str] = set()  # paths that there are not
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wanted(self) -> None:
        """Somebody chooses by it: it is looked at again."""
        self._wanted.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def end(self) -> None:
        """Nobody chooses by it any more."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        self.end()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _watch(self) -> None:
        pool, pause = Pool(self.target), self._seconds
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                reading = await self._look(pool)
                if reading is None:
                    pause = min(2 * pause, REST_SECONDS)
                else:
                    pause = self._seconds
                    self._room.heard(reading)
                await asyncio.sleep(pause * (0.9 + 0.2 * self._draw()))
        finally:
            pool.close()

    async def _look(self, pool: Pool) -> Reading | None:
        """What it says now. A server that has told of itself is known from then on, until it does so no more."""
        said: dict[str, bytes] = {}
        asked: set[str] = set()
        for server in self._kinds:
            for path in server.paths:
                if path not in asked and path not in self._absent:
                    asked.add(path)
                    if (body := await self._said(pool, path)) is not None:
                        said[path] = body
            reading = server.read(said, self.target.model)
            if reading is not None:
                self._kinds = (server,)
                return reading
        self._kinds = self._known
        self._absent.clear()
        return None

    async def _said(self, pool: Pool, path: str) -> bytes | None:
        try:
            answer = await pool.get(path, _PATIENCE)
        except GatewayError:
            return None
        try:
            if answer.status != 200:
                if answer.status in (404, 405, 501):
                    self._absent.add(path)
                return None
            pieces, size = [], 0
            while piece := await answer.chunk():
                size += len(piece)
                if size > MOST_BYTES:
                    return None
                pieces.append(piece)
        except GatewayError:
            return None
        finally:
            answer.close()
        return b"".join(pieces)
