"""Learning on a schedule: `tidegate learn` in a process of its own, now and then, with a low claim to the CPU.

Whatever becomes of it, serving goes on as it was: a head that it promotes is noticed as any other (`heads.py`), and
what fails is said and tried again at the next time.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gateway.config.learning import Learning
from gateway.config.loaded import Loaded
from gateway.learning.place import learning_of

RHYTHMS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0}  # seconds
JITTER = 0.1  # of a rhythm, either way, so that replicas do not all learn at once
FIRST = 600.0  # seconds after the start, at most, where nothing was ever learned
LOOK_SECONDS = 30.0
NICE = 15
LIMIT_SECONDS = 3600.0
NOT_PROMOTED = 3  # the exit status of `tidegate learn` where no head was good enough
MARK = ".learned"  # its time is that of the last run


class Schedule:
    """`say` takes lines for a person; `wall` gives seconds since the epoch, `lot` a number 0..1."""

    def __init__(
        self,
        current: Callable[[], Loaded],
        say: Callable[[str], None],
        wall: Callable[[], float],
        lot: Callable[[], float],
    ) -> None:
        self._current = current
        self._say = say
        self._wall = wall
        self._lot = lot
        self._started = wall()
        self._shift = lot()

    async def run(self, every: float = LOOK_SECONDS) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            loaded = self._current()
            if self.is_due(loaded):
                self._shift = self._lot()
                await self.learn(loaded)

    def is_due(self, loaded: Loaded) -> bool:
        learning: Learning = loaded.settings.learning
        rhythm = RHYTHMS.get(learning.schedule)
        if rhythm is None or not learning_of(loaded.settings):
            return False
        try:
            last = _mark(loaded.state_directory).stat().st_mtime
        except OSError:
            return self._wall() >= self._started + FIRST * self._shift
        return self._wall() >= last + rhythm * (1 + JITTER * (2 * self._shift - 1))

    async def learn(self, loaded: Loaded) -> None:
        """Runs the command once. Says what came of it; raises nothing."""
        try:
            mark = _mark(loaded.state_directory)
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "gateway.cli.main", "learn", "--config", str(loaded.source), "--json"),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,  # Ctrl-C and SIGHUP are for the parent
            )
        except OSError as error:
            self._say(f"learning: could not be started: {error}")
            return
        with suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                said, failed = await process.communicate()
        except TimeoutError:
            self._say(f"learning: it took more than {LIMIT_SECONDS:g} s and was ended")
            return
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        self._tell(process.returncode, said, failed)

    def _tell(self, status: int | None, said: bytes, failed: bytes) -> None:
        if status not in (0, NOT_PROMOTED):
            reason = failed.decode(errors="replace").strip().rpartition("\n")[2]
            self._say(f"learning: status {status}: {reason}")
        for line in said.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                found = json.loads(line)
                closed = [gate["name"] for gate in found["gates"] if not gate["held"]]
                came = "a new head serves" if found["promoted"] else f"not promoted ({', '.join(closed)})"
                self._say(f"learning: {found['deployment']}: {came}; {found['prompts']} prompts")


def _mark(state_directory: Path) -> Path:
    return state_directory / "heads" / MARK
