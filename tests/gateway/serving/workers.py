"""Real worker processes for tests: a listening socket, a configuration, and what the parent would say."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.snapshot import Snapshot
from gateway.serving.listener import bind
from gateway.serving.supervisor import with_keys
from gateway.serving.worker_process import WorkerProcess
from tests.gateway.house import KEY
from tests.harness import wait


def configuration(**changes: Any) -> dict[str, Any]:
    """A gateway of one model that is not there: enough to be ready, to list models and to refuse."""
    return {
        "deployments": {"small": {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:9/v1"}},
        "routes": {"auto": {"small": ["small"]}},
        "keys": [{"name": "dev", "key": KEY}],
        "server": {"port": 0},
        **changes,
    }


def written(directory: Path, **changes: Any) -> Path:
    file = directory / "tidegate.yaml"
    file.write_text(json.dumps(configuration(**changes)))
    return file


def loaded(directory: Path, **changes: Any) -> Loaded:
    return load(written(directory, **changes), environ={})


def line(directory: Path, number: int = 1, **changes: Any) -> bytes:
    return Snapshot(number, with_keys(loaded(directory, **changes)), {}).to_json()


@dataclass
class Parent:
    """What a worker's parent holds. `said` is what it was told to say, `ended` the workers that have ended."""

    directory: Path
    listener: socket.socket = field(default_factory=lambda: bind("127.0.0.1", 0))
    said: list[str] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    snapshot: bytes = b""

    def __post_init__(self) -> None:
        self.snapshot = line(self.directory)

    def worker(self) -> WorkerProcess:
        return WorkerProcess("1", self.listener, lambda: self.snapshot, {}, self.said.append, self.ended.append)

    async def models(self) -> list[str]:
        return await models_at(f"http://127.0.0.1:{self.listener.getsockname()[1]}")


def children(module: str) -> list[int]:
    """The children of this process that run a module."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in listed if module in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]


async def models_at(root: str) -> list[str]:
    """The models that the gateway lists, on a connection of its own."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.get(f"{root}/v1/models", headers={"authorization": f"Bearer {KEY}"})
    return [model["id"] for model in answer.json()["data"]]


async def until(holds: Callable[[], bool], timeout: float = 15.0) -> None:
    """Asks again and again, in a thread; another process makes it so."""
    await asyncio.to_thread(wait.until, "a process to do something", holds, timeout)
