"""What is watched of the gateway's workers: memory, open files, tasks; and what a model's server outside got to see."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from bench.load.proc import PROC, text
from bench.soak.files import open_files
from bench.soak.inside.sitecustomize import ASK
from bench.soak.questions import SECRET
from bench.soak.stage import WORKERS, Stage
from tests.harness.client import get
from tests.harness.wait import until

SETTLES: Final = 60.0  # seconds for all that was under way to come to its end
_MINUTE: Final = 60.0
WARMING: Final = 0.3  # of the time of a run, in which memory may grow: caches fill, and the allocator finds its size


class Sample(NamedTuple):
    """`at`: seconds. `kib`: anonymous memory of each worker, by process."""

    at: float
    kib: dict[int, int]


class Rest(NamedTuple):
    """The workers at rest, all together. `files`: open ones, by what they are; `tasks`, by coroutine; `busy`: requests
    under way."""

    files: Counter[str]
    tasks: Counter[str]
    busy: int

    def left_over(self, before: Rest) -> Counter[str]:
        """Tasks that were not there before, less one for each worker: what is begun once, when it is first needed."""
        new = self.tasks - before.tasks
        return new - Counter(dict.fromkeys(new, WORKERS))


class Watch:
    """Looks at the stage now and then. `calls` counts what came to models' servers; `told`: a secret went outside."""

    def __init__(self, stage: Stage) -> None:
        self.samples: list[Sample] = []
        self.calls = 0
        self.told = 0
        self._stage = stage
        self._began = time.monotonic()
        self._tail = b""

    def look(self) -> None:
        kib = {pid: _kib(pid) for pid in self._stage.gateway.workers()}
        self.samples.append(Sample(time.monotonic() - self._began, kib))
        done, _ = self._stage.home.journal.take()
        self.calls += sum(one.method == "POST" for one in done)
        done, raw = self._stage.outside.journal.take()
        self.calls += sum(one.method == "POST" for one in done)
        self.told += sum(SECRET in one.body for one in done) or (SECRET in self._tail + raw)
        self._tail = raw[-len(SECRET) :]

    async def keep_looking(self, every: float) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(every)

    def rest(self, before: Rest | None = None) -> Rest:
        """Once nothing is under way any more that was not before, or when there has been time enough."""
        journals = (self._stage.home.journal, self._stage.outside.journal)
        found = self._now()

        def is_quiet() -> bool:
            nonlocal found
            self.look()
            found = self._now()
            left = found.left_over(before) if before else Counter()
            return not (found.busy or left or any(journal.exchanges for journal in journals))

        with suppress(AssertionError):  # the report tells what there is
            until("nothing to be under way", is_quiet, SETTLES)
        return found

    def _now(self) -> Rest:
        pids = self._stage.gateway.workers()
        return Rest(open_files(pids, _ports(self._stage)), _tasks(self._stage.tasks, pids), _busy(self._stage))


def _kib(pid: int) -> int:
    """Anonymous memory: without what is read from files, which the kernel drops when it pleases."""
    for line in text(PROC / str(pid) / "status").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


def _ports(stage: Stage) -> dict[int, str]:
    return {
        stage.gateway.port: "clients",
        stage.redis.port: "Redis",
        stage.home.port: "models",
        stage.outside.port: "models",
    }


def _busy(stage: Stage) -> int:
    """Requests that a worker is still at, and money that is held for one, as `/metrics` has it."""
    names = ("tidegate_requests_in_flight", "tidegate_reservations_open")
    lines = [line.split() for line in get(stage.gateway, "/metrics").text.splitlines()]
    return sum(int(float(words[1])) for words in lines if words and words[0] in names)


def _tasks(directory: Path, pids: Sequence[int]) -> Counter[str]:
    """By coroutine, over all workers."""
    found: Counter[str] = Counter()
    for pid in pids:
        file = directory / str(pid)
        file.unlink(missing_ok=True)
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, ASK)
            until(f"process {pid} to tell its tasks", partial(_has_told, file, pid))
        if file.exists():
            found.update(json.loads(file.read_text()))
    return found


def _has_told(file: Path, pid: int) -> bool:
    """Or has ended."""
    return file.exists() or not (PROC / str(pid)).exists()


def growth(samples: Sequence[Sample]) -> dict[int, float]:
    """KiB a minute by which each worker's memory grew once it was warm: the slope of a straight line through it."""
    if not samples:
        return {}
    begin = samples[0].at + WARMING * (samples[-1].at - samples[0].at)
    warm = [sample for sample in samples if sample.at >= begin]
    return {pid: _slope([(one.at / _MINUTE, one.kib[pid]) for one in warm if pid in one.kib]) for pid in warm[-1].kib}


def _slope(points: Sequence[tuple[float, int]]) -> float:
    """By least squares; 0 of fewer than two."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
