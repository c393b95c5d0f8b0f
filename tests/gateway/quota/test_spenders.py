"""Many spend one budget at once. If these fail, concurrency, a crash or a Redis that is lost lets too much through."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.protocol import Counts
from tests.gateway.quota.spender import Spender, highest, ledger
from tests.harness.wait import until
from tests.servers.valkey import ValkeyServer

CAP = 4 * 10**12  # four dollars
MOST = 10**9 + 1  # of one attempt
_PROCESSES = 8
_TASKS = 200
_BYTES = int(CAP / (3 / 8 * MOST)) * 2 * 60  # two lines an attempt, which costs three eighths of the most
_ENOUGH = 120  # seconds, on a busy machine


@contextmanager
def spenders(directory: Path, server: ValkeyServer, seeds: range) -> Iterator[list[subprocess.Popen[bytes]]]:
    arguments = [str(directory), server.url, str(CAP), str(MOST), str(_TASKS)]
    started = [
        subprocess.Popen([sys.executable, "-m", "tests.gateway.quota.spender", *arguments, str(seed)]) for seed in seeds
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def spent(directory: Path) -> int:
    return sum(ledger(directory).values())


def is_written(directory: Path, part: int) -> bool:
    """Whether that many twelfths of the budget are spent, or a little more. Quicker to say than to add up."""
    return sum(file.stat().st_size for file in directory.glob("*.lines")) > part * _BYTES // 12


def assert_spent_to_the_last(directory: Path) -> None:
    assert highest(directory) <= CAP
    assert CAP - MOST < spent(directory) <= CAP


async def test_sixteen_hundred_at_once_in_memory_spend_a_budget_to_the_last_and_no_more(tmp_path: Path) -> None:
    quota = MemoryQuota(Life("1.1", time.time(), time.monotonic), lambda _: Counts({}), time.time)
    spender = Spender(quota, "1.1", tmp_path / "1.1.lines", CAP, MOST, random.Random(1))
    await asyncio.gather(*(spender.spend() for _ in range(_PROCESSES * _TASKS)))
    await quota.close()
    assert quota.open == 0
    assert_spent_to_the_last(tmp_path)


def test_eight_processes_spend_a_budget_to_the_last_and_no_more(tmp_path: Path, own_valkey: ValkeyServer) -> None:
    with spenders(tmp_path, own_valkey, range(_PROCESSES)) as processes:
        for process in processes:
            assert process.wait(_ENOUGH) == 0
    assert len(list(tmp_path.glob("*.lines"))) == _PROCESSES
    assert_spent_to_the_last(tmp_path)


def test_processes_that_are_killed_and_a_redis_that_comes_back_empty_change_nothing_about_it(
    tmp_path: Path, own_valkey: ValkeyServer
) -> None:
    with spenders(tmp_path, own_valkey, range(_PROCESSES)) as processes:
        killed: list[subprocess.Popen[bytes]] = []
        for part in range(1, 6):  # of twelve
            until(f"{part} parts are spent", partial(is_written, tmp_path, part), _ENOUGH)
            if part % 2:
                own_valkey.restart()
            else:
                processes[part].kill()
                killed.append(processes[part])
        until("6 parts are spent", partial(is_written, tmp_path, 6), _ENOUGH)
        assert [process.poll() for process in processes if process not in killed] == [None] * (_PROCESSES - 2)
        processes[1].kill()
        processes[1].wait()
        own_valkey.restart()  # what those held that were killed before they wrote it down is gone with it
        with spenders(tmp_path, own_valkey, range(_PROCESSES, _PROCESSES + 3)) as replaced:
            for place, process in enumerate([*processes, *replaced]):
                assert process.wait(_ENOUGH) == (-9 if place in (1, 2, 4) else 0)
    assert_spent_to_the_last(tmp_path)
