"""If these fail, a worker outlives its parent, or takes requests with it when it goes."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from tests.gateway.serving.workers import Parent, line


@asynccontextmanager
async def started(
    parent: Parent,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]]:
    ours, theirs = socket.socketpair()
    with theirs:
        arguments = {"name": "1", "listener": parent.listener.fileno(), "control": theirs.fileno()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "gateway.serving.worker", orjson.dumps(arguments).decode()),
            pass_fds=(parent.listener.fileno(), theirs.fileno()),
            stderr=asyncio.subprocess.PIPE,
        )
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        yield process, reader, writer
    finally:
        writer.close()
        if process.returncode is None:
            process.kill()
        await process.communicate()
        parent.listener.close()


async def test_it_says_when_it_serves_and_goes_when_its_parent_is_gone(tmp_path: Path) -> None:
    parent = Parent(tmp_path)
    async with started(parent) as (process, reader, writer):
        writer.write(parent.snapshot + b"\n")
        async with asyncio.timeout(20):
            assert orjson.loads(await reader.readline()) == {"serving": 1}
            assert await parent.models() == ["auto"]
            writer.write(line(tmp_path, 2, routes={"other": {"small": ["small"]}}) + b"\n")
            assert orjson.loads(await reader.readline()) == {"serving": 2}
            assert await parent.models() == ["other"]
            writer.close()  # as the kernel does when the parent is killed
            _, said = await process.communicate()
        assert process.returncode == 0
        assert b"parent process is gone" in said
        assert b"Traceback" not in said


async def test_one_whose_parent_goes_at_once_goes_too(tmp_path: Path) -> None:
    async with started(Parent(tmp_path)) as (process, _, writer):
        writer.close()
        async with asyncio.timeout(20):
            assert await process.wait() == 0
