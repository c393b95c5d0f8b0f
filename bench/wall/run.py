"""Every cell asked once, and what its client saw."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import aiohttp

from bench.wall.cells import Cell
from bench.wall.stage import Stage
from tests.harness.dialects import Heard
from tests.harness.gateway import bearer

AT_A_TIME: Final = 24  # requests under way; more would be a test of the machine
LIMIT: Final = 60.0  # seconds for any one of them


class Seen(NamedTuple):
    """`unread`: why no client of the dialect could make sense of it; empty where it could. `broken`: the connection
    ended within the reply."""

    cell: Cell
    status: int  # 0: there was no reply
    headers: dict[str, str]
    heard: Heard
    unread: str = ""
    broken: bool = False
    quotes_upstream: bool = False  # words of an error of the model's server

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")


def run(stage: Stage, cells: Sequence[Cell]) -> list[Seen]:
    return asyncio.run(_run(stage, cells))


async def _run(stage: Stage, cells: Sequence[Cell]) -> list[Seen]:
    turn = asyncio.Semaphore(AT_A_TIME)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=LIMIT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:

        async def one(cell: Cell) -> Seen:
            async with turn:
                return await ask(session, stage, cell)

        return await asyncio.gather(*map(one, cells))


async def ask(session: aiohttp.ClientSession, stage: Stage, cell: Cell) -> Seen:
    status, headers, data, broken = 0, {}, b"", False
    url, sent = stage.gateway.root + cell.dialect.path, bearer(stage.gateway.key)
    try:
        async with session.post(url, json=cell.body, headers=sent) as reply:
            status, headers = reply.status, {name.lower(): value for name, value in reply.headers.items()}
            async for piece in reply.content.iter_any():
                data += piece
    except (aiohttp.ClientError, TimeoutError, OSError):
        broken = True
    unread, heard = "", Heard("", ended=False)
    try:
        heard = cell.dialect.heard(status, headers.get("content-type", ""), data, streamed=cell.streamed)
    except (AssertionError, ValueError, LookupError, TypeError) as error:
        unread = f"{type(error).__name__}: {error}"[:200]
    return Seen(cell, status, headers, heard, unread, broken, b"scripted failure" in data)
