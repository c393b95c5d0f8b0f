"""The embedded model: a GGUF model in a child process of the gateway's parent, watched and restarted.

One child per deployment, never one per worker: it holds the weights. It listens on loopback with a key made for this
run. Port and key stay the same over its restarts, so workers are told once. It ends when the parent does, even by
`kill -9`: its standard input closes then, and on Linux the kernel signals it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.serving import embedded_child
from gateway.serving.models import ModelError
from gateway.serving.processors import model_threads

LOG_BYTES = 4096  # of what the child said before it was ready; later it says nothing


class EmbeddedModelError(ModelError):
    """The model could not be started. The message ends in what llama.cpp said last, and holds no content."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for the child, in seconds, before something is done about it."""

    ready: float = 900.0
    """For loading: 40 GB from a slow disk take minutes."""
    between_checks: float = 5.0
    answer: float = 5.0
    """For one health check. llama.cpp answers them within 30 ms, also with 100 requests waiting."""
    checks: int = 3
    """How many in a row may go unanswered."""
    first_restart: float = 0.5
    last_restart: float = 30.0
    """The wait before a restart doubles from the first to the last…"""
    settled: float = 60.0
    """…and is forgotten when the child has run so long."""


class EmbeddedModel:
    """Used by one event loop: `await start()`, then `supervise()` as a task, `await stop()` at the end."""

    def __init__(
        self,
        name: str,
        model: Path,
        *,
        context: int,
        slots: int,
        log: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        """`name` is what answers call the model; `context` counts tokens per slot; `log` takes lines for a person."""
        self._name = name
        self._model = model
        self._context = context
        self._slots = slots
        self._log = log
        self._patience = patience or Patience()
        self._api_key = secrets.token_urlsafe(32)
        self._hold: socket.socket | None = None
        self._port = 0
        self._child: Process | None = None
        self._stopping = asyncio.Event()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`; known once started."""
        if self._hold is None:
            raise RuntimeError("the embedded model has not been started")
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def api_key(self) -> str:
        return self._api_key

    @property
    def pid(self) -> int | None:
        """The child's process id, if it runs."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Return when the model answers. Raises `EmbeddedModelError`."""
        if self._hold is None:
            self._hold = _hold_a_port()
            self._port = int(self._hold.getsockname()[1])
        try:
            await self._launch()
        except BaseException:
            self._release()
            raise

    async def supervise(self) -> None:
        """Restart the child whenever it ends or hangs; return after `stop()`."""
        loop = asyncio.get_running_loop()
        wait = self._patience.first_restart
        while True:
            since = loop.time()
            trouble = await self._trouble()
            if self._stopping.is_set():
                return
            if loop.time() - since >= self._patience.settled:
                wait = self._patience.first_restart
            self._log(f"embedded model {self._name} {trouble}; it is started again in {wait:g} s")
            wait = await self._restart(wait)

    async def stop(self) -> None:
        """End the child and give the port back. What it was answering is cut off."""
        self._stopping.set()
        await self._end()
        self._release()

    def _release(self) -> None:
        if self._hold is not None:
            self._hold.close()
            self._hold = None

    async def _restart(self, wait: float) -> float:
        """Try until the child answers again or `stop()` is called; returns the next wait in seconds."""
        await self._end()
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
                break
            wait = min(2 * wait, self._patience.last_restart)
            try:
                await self._launch()
            except EmbeddedModelError as failure:
                if not self._stopping.is_set():
                    self._log(f"{failure} The next try is in {wait:g} s.")
            else:
                self._log(f"embedded model {self._name} answers again")
                break
        return wait

    async def _trouble(self) -> str:
        """What has gone wrong with the child, once something has."""
        child, unanswered = self._child, 0
        while child is not None and unanswered < self._patience.checks:
            with contextlib.suppress(TimeoutError):
                return f"ended ({_manner(await asyncio.wait_for(child.wait(), self._patience.between_checks))})"
            unanswered = 0 if await self._answers() else unanswered + 1
        return "does not answer"

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(self._patience.answer):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                with contextlib.closing(writer):
                    writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                    return b" 200 " in await reader.readline()
        except OSError:  # TimeoutError is one
            return False

    async def _launch(self) -> None:
        # Not by `-m`: that would let a folder named `gateway` in the working directory answer. `-P` likewise.
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", embedded_child.__file__, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        self._child = child
        if self._stopping.is_set():  # asked to while the process was being made
            await self._end()
        said = asyncio.create_task(_last_words(child))
        try:
            async with asyncio.timeout(self._patience.ready):
                ready = await self._hand_over(child)
        except TimeoutError:
            ready = False
        except asyncio.CancelledError:
            said.cancel()
            await self._end()
            raise
        if ready and await self._answers() and not self._stopping.is_set():
            return
        status = await _status(child)
        await self._end()
        raise EmbeddedModelError(self._explain(status, await said))

    async def _hand_over(self, child: Process) -> bool:
        """Give the child its orders; true when it says that the model answers, false when it ends instead."""
        assert child.stdin is not None  # noqa: S101 - both were asked for as pipes
        assert child.stdout is not None  # noqa: S101
        orders = embedded_child.Orders(
            name=self._name,
            model=str(self._model),
            port=self._port,
            api_key=self._api_key,
            context=self._context,
            slots=self._slots,
            threads=model_threads(),
            parent=os.getpid(),
        )
        with contextlib.suppress(ConnectionError):  # it has ended already: the next line finds out
            child.stdin.write(json.dumps(asdict(orders)).encode() + b"\n")
            await child.stdin.drain()
        return bool(await child.stdout.readline())

    async def _end(self) -> None:
        """Kill the child: it keeps nothing that could be lost."""
        child = self._child
        if child is None:
            return
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.wait()
        if child.stdin is not None:
            child.stdin.close()

    def _explain(self, status: int | None, words: str) -> str:
        if "No module named 'xllamacpp'" in words:
            cause, remedy = "xllamacpp is not installed", "`make serve` installs it, and so does the extra `local`"
        elif status is None:
            cause, remedy = f"it was not ready within {self._patience.ready:g} s", "Try a smaller model"
        elif status == -signal.SIGKILL:
            cause, remedy = "it was killed, as happens when memory runs out", "Try a smaller model, context or slots"
        elif status == -signal.SIGILL:
            cause = "this processor lacks instructions that llama.cpp was built with"
            remedy = "Run the model in Ollama or llama.cpp and name it with engine `openai`"
        else:
            cause = f"llama.cpp could not load {self._model} ({_manner(status)})"
            remedy = (
                "The file may be incomplete, or of a kind that llama.cpp does not know: fetch it again, or try another"
            )
        said = f" It said:\n{words}\n" if words else ""
        return f"The embedded model {self._name} did not start: {cause}. {remedy}.{said}"


def _hold_a_port() -> socket.socket:
    """A free loopback port, kept for the life of this socket, on which only this user's processes may listen too.

    Bound and never listening, it gets no connections; while the child is down nobody else can take its place and be
    sent prompts. SO_REUSEPORT: socket(7).
    """
    hold = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_REUSEPORT"):
        hold.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    hold.bind(("127.0.0.1", 0))
    return hold


async def _last_words(child: Process) -> str:
    """The end of what the child printed before it was ready or ended, by bytes bounded."""
    assert child.stderr is not None  # noqa: S101 - asked for as a pipe
    words = b""
    while piece := await child.stderr.read(LOG_BYTES):
        words = (words + piece)[-LOG_BYTES:]
    return words.decode(errors="replace").strip()


async def _status(child: Process) -> int | None:
    """The status it ended with, or None: its outputs close an instant before its status can be had."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(child.wait(), 1.0)
    return None


def _manner(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
