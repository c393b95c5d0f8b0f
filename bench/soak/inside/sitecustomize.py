"""Loaded by every Python process of the gateway (see `site`): on a signal it writes down which tasks it has.

The signal is one that nobody uses. `SOAK_TASKS` is the directory of the files, one a process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path

ASK = signal.SIGRTMIN + 7
DIRECTORY = "SOAK_TASKS"


def tell(_number: int, _frame: object) -> None:
    """By the name of each task's coroutine, how many there are that are not done."""
    tasks = asyncio.all_tasks()
    names = Counter(getattr(task.get_coro(), "__qualname__", "unnamed") for task in tasks)
    file = Path(os.environ[DIRECTORY]) / str(os.getpid())
    file.with_suffix(".new").write_text(json.dumps(names))
    file.with_suffix(".new").rename(file)


if DIRECTORY in os.environ:
    signal.signal(ASK, tell)
