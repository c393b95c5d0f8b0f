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

from gateway.serving.orders import Order, written

FIRST_RESTART = 0.5  # seconds before a worker that died is started again; doubles up to LAST_RESTART
LAST_RESTART = 10.0
START_SECONDS = 60.0  # for imports, tables and the price map on a slow machine
# NumPy's vectors are short: its threads would only wait for work, each with buffers of its own.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
STOP_SECONDS = 10.0  # for the books, after what a worker gives its requests
_END_SECONDS = 1.0  # from the end of a worker's socket to that of its process


class WorkerDied(Exception):
    """A worker ended before it served."""


class WorkerKilled(WorkerDied):
    """Somebody else ended it: the system where memory is short, or a person. Another may do better."""


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
        self._making = asyncio.Lock()  # a process, which an end must not overlook
        self._telling = asyncio.Lock()  # a reload may meet a restart

    async def start(self) -> None:
        """Returns when the worker serves. Raises `WorkerDied`, and nothing is left of it then."""
        async with self._making:
            if self._stopping:
                raise WorkerDied(f"worker {self.name} is not needed any more")
            process = await self._make()
        try:
            await self.tell(self._snapshot())
        except WorkerDied as error:
            status = await _status(process, 0.0 if isinstance(error.__cause__, TimeoutError) else _END_SECONDS)
            self._hang_up()
            if status is not None and status < 0 and not self._stopping:
                name = signal.Signals(-status).name
                raise WorkerKilled(f"worker {self.name} was ended by {name} before it served") from error
            raise
        except BaseException:  # the gateway ends meanwhile
            await _status(process, 0.0)
            self._hang_up()
            raise

    async def _make(self) -> Process:
        self._process = None
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as failed, theirs:
            failed.callback(ours.close)
            arguments = {"name": self.name, "listener": self._listener.fileno(), "control": theirs.fileno()}
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "gateway.serving.worker", orjson.dumps(arguments).decode()),
                pass_fds=(self._listener.fileno(), theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                env={**_ONE_THREAD, **os.environ, **self._environment},
                start_new_session=True,  # Ctrl-C is for the parent, which then ends its workers in order
            )
            failed.pop_all()
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        return process

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
                while (answer := await reader.readline()).endswith(b"\n"):  # one that is killed may leave half a line
                    if orjson.loads(answer)["serving"] == number:  # an earlier one may have been answered late
                        return
        except (OSError, TimeoutError) as error:
            raise WorkerDied(f"worker {self.name} did not take its configuration") from error
        raise WorkerDied(f"worker {self.name} ended before it served")

    async def supervise(self) -> None:
        """Starts the worker again whenever it ends, until it is told to leave."""
        wait = FIRST_RESTART
        while True:
            process = self._process
            if process is not None:
                status = await process.wait()
                self._hang_up()
                self._on_exit(process.pid)
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
                if not self._stopping:
                    self._log(f"{error}; the next try is in {wait:g} s")
                wait = min(2 * wait, LAST_RESTART)

    async def leave(self, order: Order, seconds: float) -> None:
        """Has it finish its requests, for which it has so many seconds of its own; kills it if it takes longer."""
        self._stopping = True
        async with self._making:
            process = self._process
        if process is None or process.returncode is not None:
            return
        self._order(order, process)
        try:
            async with asyncio.timeout(seconds + STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            self._log(f"worker {self.name} did not end in {seconds + STOP_SECONDS:g} s and is killed")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._hang_up()

    def hurry(self) -> None:
        """What it has under way is broken off."""
        process = self._process
        if process is not None and process.returncode is None:
            self._order("hurry", process)

    def _order(self, order: Order, process: Process) -> None:
        if self._writer is not None:
            self._writer.write(written(order))
        if order == "stop":  # also for one that is only just starting, and hears nothing else yet
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _status(process: Process, seconds: float) -> int | None:
    """That of a process which is of no use, once it has ended; None for one that did not within so many seconds, and is
    killed for it."""
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # it may still be there, and serve nobody
        await process.wait()
        return None
