"""Large prompts: read in one thread behind a bounded queue, so that they do not hold up the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.wire.errors import Overloaded

T = TypeVar("T")


class LargePrompts:
    """One thread that reads large prompts, and a bounded queue before it. RE2 and NumPy let the event loop run.

    None is ever sent on unread.
    """

    def __init__(self, most_waiting: int = 64) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="decide")
        self._most_waiting = most_waiting
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Raises `Overloaded` where the queue is full."""
        if self._waiting >= self._most_waiting:
            raise Overloaded("Too many large prompts at once. Try again.", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
