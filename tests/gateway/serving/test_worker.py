"""If these fail, a worker outlives its parent, or takes requests with it when it goes."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from gateway.serving.worker import retire
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import KEY, call
from tests.gateway.serving.workers import Parent, line, until


@asynccontextmanager
async def started(
    parent: Parent, environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]]:
    ours, theirs = socket.socketpair()
    with theirs:
        arguments = {"name": "1", "listener": parent.listener.fileno(), "control": theirs.fileno()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "gateway.serving.worker", orjson.dumps(arguments).decode()),
            pass_fds=(parent.listener.fileno(), theirs.fileno()),
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environment or {})},
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


LOADING = """
import pathlib, sys, threading
pathlib.Path(__file__).with_name("loading").touch()
threading.Event().wait()
"""


async def test_a_library_that_takes_long_to_load_holds_up_no_end(tmp_path: Path) -> None:
    """litellm takes minutes on a busy machine, and who asked for it may have left long ago."""
    (tmp_path / "litellm.py").write_text(LOADING)
    foreign = {"zone": "cloud", "engine": "litellm", "model": "anthropic/claude"}
    parent = Parent(tmp_path)
    parent.snapshot = line(tmp_path, 1, deployments={"large": foreign}, routes={"auto": {"large": ["large"]}})
    async with started(parent, {"PYTHONPATH": str(tmp_path)}) as (process, reader, writer):
        writer.write(parent.snapshot + b"\n")
        async with asyncio.timeout(20):
            await reader.readline()
        _, asking = await asyncio.open_connection(*parent.listener.getsockname())
        body = b'{"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}'
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
        asking.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        await until((tmp_path / "loading").exists)
        asking.close()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await process.wait() == 0


async def test_a_configuration_that_it_cannot_take_over_leaves_it_with_the_last_one_and_with_its_orders(
    tmp_path: Path,
) -> None:
    """Else it would hear nothing any more, not even that its parent is gone."""
    parent = Parent(tmp_path)
    async with started(parent) as (process, reader, writer):
        writer.write(parent.snapshot + b"\n")
        async with asyncio.timeout(20):
            assert orjson.loads(await reader.readline()) == {"serving": 1}
            writer.write(b'{"number": 2}\n')
            writer.write(line(tmp_path, 3, routes={"other": {"small": ["small"]}}) + b"\n")
            assert orjson.loads(await reader.readline()) == {"serving": 3}
            assert await parent.models() == ["other"]
            writer.close()
            await process.communicate()
        assert process.returncode == 0


async def test_of_a_configuration_that_was_replaced_nothing_stays(open_house: OpenHouse) -> None:
    """Its parts hold each other, and by itself the collector finds them after millions of requests."""
    house = open_house(cache={"enabled": True})
    assert (await house.ask(call())).status == 200
    await house.pipeline.parts.background.drained()
    kinds = (type(house.pipeline), type(house.gateway.current.engines["openai"]))
    before = {id(house.pipeline), id(house.gateway.current.engines["openai"])}
    assert before <= there(*kinds)
    gc.disable()
    try:
        await retire(house.gateway, house.gateway.adopt(house.snapshot(house.configuration, 2)))
        assert before.isdisjoint(there(*kinds))
    finally:
        gc.enable()


def there(*kinds: type) -> set[int]:
    """The identities of all objects of these kinds. Compiled ones cannot be referred to weakly."""
    return {id(thing) for thing in gc.get_objects() if type(thing) in kinds}
