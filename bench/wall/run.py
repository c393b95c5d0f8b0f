"""Every cell asked once, and what its client saw."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import aiohttp

from bench.wall.cells import Cell
from bench.wall.stage import Stage
from tests.harness.asking import open_session, say
from tests.harness.dialects import Heard

AT_A_TIME: Final = 24  # requests under way; more would be a test of the machine
LIMIT: Final = 60.0  # seconds for any one of them


class Seen(NamedTuple):
    """`unread`: why no client of the dialect could make sense of it; empty where it could. `broken`: the connection
    ended within the reply."""

    cell: Cell
    status: int  # 0: there was no reply
    headers: Mapping[str, str]
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
    async with open_session(LIMIT) as session:

        async def one(cell: Cell) -> Seen:
            async with turn:
                return await ask(session, stage, cell)

        return await asyncio.gather(*map(one, cells))


async def ask(session: aiohttp.ClientSession, stage: Stage, cell: Cell) -> Seen:
    said = await say(session, stage.gateway, cell.dialect.path, cell.body)
    heard, unread = said.read(cell.dialect, streamed=cell.streamed)
    return Seen(cell, said.status, said.headers, heard, unread, bool(said.broken), b"scripted failure" in said.data)
