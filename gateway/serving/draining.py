"""Draining: the process that moves the workers' journals into the ledger, as the parent sees it.

It is there while there is something to move. A database's libraries take several times the memory of the parent itself,
and a gateway that nobody asks anything needs none.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

from gateway.accounting.audit.key import signing_key
from gateway.accounting.journals import Journals
from gateway.config.loaded import Loaded

AWAY = 3  # as `draining_child` has it, whose libraries the parent does without: the ledger was away to the last
LOOK_SECONDS = 0.25  # between two looks for lines to move
QUIET_SECONDS = 60  # without a line, then the process ends; to start it takes some 0.2 s of CPU
RETRY_SECONDS = 10.0  # before another is started where one failed
CLEAR_UP_SECONDS = 86_400.0  # without a line to move, until one is started for what is older than it may be


class Draining:
    """`start` at the beginning; `finish` after the last worker has ended moves what is left.

    Raises `ConfigurationError` where the key that the audit is signed with cannot be used.
    """

    def __init__(self, loaded: Loaded, say: Callable[[str], None]) -> None:
        self._directory = loaded.state_directory / "journal"
        self._journals = Journals(self._directory)
        self._secrets = {"ledger": loaded.ledger_url, "key": signing_key(loaded)}  # the URL may hold a password
        self._retention_days = loaded.settings.audit.retention_days
        self._clear_up_at = 0.0
        self._log = loaded.settings.log
        self._say = say
        self._read: dict[str, int] = {}  # bytes of each journal that the ledger holds
        self._is_away = False  # the database, when it was last asked
        self._stop = asyncio.Event()
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_due(self) -> bool:
        """Whether there is something to move, or something that keeps us from seeing it: the process says what."""
        if self._retention_days and time.monotonic() >= self._clear_up_at:
            return True
        try:
            return self._journals.has_news(self._read)
        except OSError:
            return True

    @property
    def is_at_rest(self) -> bool:
        """Whether nobody moves anything."""
        return self._process is None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Returns when all is moved, unless the database is away: then the journals keep it until the next start."""
        self._stop.set()
        self._tell_to_end()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while True:
            last = self._stop.is_set()
            if self.is_due:
                done = await self._drain()
                if last or (self._stop.is_set() and self._is_away):
                    return
                if not done and not self._stop.is_set():  # one that died as the end came is followed by another
                    await self._pause(RETRY_SECONDS)
            elif last:
                return
            else:
                await self._pause(LOOK_SECONDS)

    async def _drain(self) -> bool:
        """Runs the process until it ends. Returns whether it did its work."""
        log = {"level": self._log.level, "format": self._log.format}
        arguments = {
            "journals": str(self._directory),
            "quiet_seconds": QUIET_SECONDS,
            "retention_days": self._retention_days,
            "log": log,
        }
        self._clear_up_at = time.monotonic() + CLEAR_UP_SECONDS
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "gateway.serving.draining_child", json.dumps(arguments)),
                stdin=PIPE,
                stdout=PIPE,
                start_new_session=True,  # Ctrl-C is for the parent, which lets it finish
            )
        except OSError as error:
            self._say(f"the journals cannot be moved into the ledger for now: {error}")
            return False
        if process.stdin is not None:
            process.stdin.write(json.dumps(self._secrets).encode() + b"\n")  # which no other user can read there
        if self._stop.is_set():
            self._tell_to_end()
        said, status = await process.stdout.read() if process.stdout else b"", await process.wait()
        self._read = json.loads(said) if status == 0 else {}
        self._is_away = status == AWAY
        self._process = None
        if status and not self._stop.is_set():
            self._say(f"the process that moves the journals into the ledger ended with status {status}")
        return status == 0

    def _tell_to_end(self) -> None:
        """It sees the end of its input, as it does when this process is killed."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return
