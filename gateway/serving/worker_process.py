"""A worker as the parent sees it: a child process with a control socket, started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping

import orjson

FIRST_RESTART = 0.5  # seconds before a worker that died is started again; doubles up to LAST_RESTART
LAST_RESTART = 10.0
START_SECONDS = 60.0  # for imports, tables and the price map on a slow machine
# NumPy's vectors are short: its threads would only wait for work, each with buffers of its own.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
STOP_SECONDS = 40.0  # a little more than a worker gives its requests


class WorkerDied(Exception):
    """A worker ended before it served."""


class WorkerProcess:
    """`snapshot` gives the configuration line in force; `on_exit(pid)` is called after each end of the process."""

    def __init__(
        self,
        name: str,
        listener: socket.socket,
        snapshot: Callable[[], bytes],
        environment: Mapping[str, str],
        log: Callable[[str], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self.name = name
        self._listener = listener
        self._snapshot = snapshot
        self._environment = environment
        self._log = log
        self._on_exit = on_exit
        self._process: Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._stopping = False
        self._telling = asyncio.Lock()  # a reload may meet a restart

    async def start(self) -> None:
        """Returns when the worker serves. Raises `WorkerDied`."""
        self._process = None
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as failed, theirs:
            failed.callback(ours.close)
            arguments = {"name": self.name, "listener": self._listener.fileno(), "control": theirs.fileno()}
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "gateway.serving.worker", orjson.dumps(arguments).decode()),
                pass_fds=(self._listener.fileno(), theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                env={**_ONE_THREAD, **os.environ, **self._environment},
                start_new_session=True,  # Ctrl-C is for the parent, which then ends its workers in order
            )
            failed.pop_all()
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        try:
            await self.tell(self._snapshot())
        except WorkerDied:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()  # it may still be there, and serve nobody
            await self._process.wait()
            self._hang_up()
            raise

    async def tell(self, snapshot: bytes) -> None:
        """Hands over a configuration and waits until it is in force. Raises `WorkerDied`."""
        async with self._telling:
            await self._tell(snapshot)

    async def _tell(self, snapshot: bytes) -> None:
        number = orjson.loads(snapshot)["number"]
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            raise WorkerDied(f"worker {self.name} is not running")
        try:
            writer.write(snapshot + b"\n")
            await writer.drain()
            async with asyncio.timeout(START_SECONDS):
                while answer := await reader.readline():
                    if orjson.loads(answer)["serving"] == number:  # an earlier one may have been answered late
                        return
        except (OSError, TimeoutError) as error:
            raise WorkerDied(f"worker {self.name} did not take its configuration") from error
        raise WorkerDied(f"worker {self.name} ended before it served")

    async def supervise(self) -> None:
        """Starts the worker again whenever it ends, until `stop`."""
        wait = FIRST_RESTART
        while True:
            process = self._process
            if process is not None:
                status = await process.wait()
                self._forget(process.pid)
                if self._stopping:
                    return
                self._log(f"worker {self.name} ended with status {status}; it is started again in {wait:g} s")
            await asyncio.sleep(wait)
            if self._stopping:
                return
            try:
                await self.start()
                wait = FIRST_RESTART
            except (WorkerDied, OSError) as error:
                self._log(f"{error}; the next try is in {wait:g} s")
                wait = min(2 * wait, LAST_RESTART)

    async def stop(self) -> None:
        """Lets it finish its requests; kills it if it takes too long."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            self._log(f"worker {self.name} did not end in {STOP_SECONDS:g} s and is killed")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._hang_up()

    def _forget(self, pid: int) -> None:
        self._hang_up()
        self._on_exit(pid)

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
