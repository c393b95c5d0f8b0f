"""A process that this run started: on its own CPUs, without settings from outside, and ended with all below it."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from bench.load import proc

_GRACE = 8.0  # seconds to end by itself
_FIRST_PORT, _LAST_PORT = 28_700, 32_000
# Not handed on. With PYTHONDONTWRITEBYTECODE LiteLLM compiles 10,000 sources at every start; with REDIS_URL it uses
# that Redis unasked; with a key or address of a provider a peer might call it; a proxy would stand in between.
_WITHHELD = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
_WITHHELD_STARTS = ("REDIS", "OPENAI", "ANTHROPIC", "LITELLM", "TIDEGATE", "UVICORN", "WEB_CONCURRENCY")


class Ports:
    """Ports of 127.0.0.1 that nobody listens on, none of them twice. Below the range of outgoing connections."""

    def __init__(self) -> None:
        self._next = iter(range(_FIRST_PORT, _LAST_PORT))

    def free(self) -> int:
        for port in self._next:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port
        raise OSError("no port is free")


def environment(outer: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a child gets to see of the environment, and what is set for it."""

    def withheld(name: str) -> bool:
        return name in _WITHHELD or name.startswith(_WITHHELD_STARTS) or name.lower().endswith("_proxy")

    return {name: value for name, value in outer.items() if not withheld(name)} | dict(own)


class Child:
    """One process and all that it starts. `log` receives what it says; without it, `said` returns it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cpus: Collection[int] = (),
        own: Mapping[str, str] | None = None,
        log: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        out = log.open("wb") if log else subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(os.environ, own or {}),
                cwd=folder,
                start_new_session=True,
                preexec_fn=_pinned_to(cpus),
            )
        finally:
            if not isinstance(out, int):
                out.close()
        self.pid = self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit status once it has one."""
        return self._process.poll()

    def pin(self, cpus: Collection[int]) -> None:
        """Moves it (its first thread) to other CPUs; none: all of them."""
        os.sched_setaffinity(self.pid, cpus or range(os.cpu_count() or 1))

    def said(self, limit: float) -> bytes:
        """All that it says until it ends. Raises `subprocess.TimeoutExpired` after `limit` seconds."""
        return self._process.communicate(timeout=limit)[0]

    def stop(self) -> None:
        """Ends it and all below it; a child that made a session of its own too. Nothing else is touched."""
        if self.ended is None:
            family = [(process, _birth(process)) for process in proc.tree(self.pid)]
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            for process, birth in family:
                if birth is not None and _birth(process) == birth:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def _birth(process: int) -> int | None:
    stat = proc.text(proc.PROC / str(process) / "stat")
    return proc.started(stat) if stat else None


def _pinned_to(cpus: Collection[int]) -> Callable[[], None] | None:
    return functools.partial(os.sched_setaffinity, 0, cpus) if cpus else None
