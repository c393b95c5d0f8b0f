"""The crew: all workers together. They start, are told configurations, are replaced one by one, and leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from gateway.config.settings import Server
from gateway.serving.orders import Order, farewell
from gateway.serving.refusal import CannotStart
from gateway.serving.worker_process import WorkerDied, WorkerKilled, WorkerProcess

TRIES: Final = 3  # to start a worker that somebody else ends before it serves


class Crew:
    """`hire` makes the process of a worker of that name, not started; it is set before `start`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.hire: Callable[[str], WorkerProcess]
        self.workers: list[WorkerProcess] = []
        self._say = say
        self._supervised: set[asyncio.Task[None]] = set()
        self._leaving: dict[asyncio.Task[None], WorkerProcess] = {}  # those whose place another has taken

    async def start(self, count: int) -> None:
        """Returns when all serve. Raises `CannotStart`."""
        self.workers = [self.hire(str(number)) for number in range(1, count + 1)]
        try:
            await asyncio.gather(*map(self._start, self.workers))
        except WorkerDied as error:
            raise CannotStart(f"{error}: what it said stands above") from error
        for worker in self.workers:
            self._supervise(worker.supervise())

    async def _start(self, worker: WorkerProcess) -> None:
        for _ in range(TRIES - 1):
            try:
                await worker.start()
            except WorkerKilled as error:
                self._say(f"{error}; it is started again")
            else:
                return
        await worker.start()

    async def tell(self, line: bytes) -> None:
        """Returns when a configuration is in force, at those who do not hear of it when they start."""
        await asyncio.gather(*(self._tell(worker, line) for worker in self.workers))

    async def _tell(self, worker: WorkerProcess, line: bytes) -> None:
        try:
            await worker.tell(line)
        except WorkerDied as error:
            self._say(f"{error}; it takes the new one when it is started again")

    async def replace(self, server: Server, *, alone: bool) -> str:
        """What went wrong, or nothing: another worker serves in the place of each, which finishes what it has.

        `alone`: there is only one, and its memory is all that counts limits and budgets. Then the next one starts when
        it is gone; whoever connects meanwhile waits.
        """
        for place, old in enumerate(self.workers):
            new = self.hire(old.name)
            if alone:
                await old.leave("handed_over", _seconds("handed_over", server))
            try:
                await self._start(new)
            except (WorkerDied, OSError) as error:
                if alone:  # nobody serves: it is tried until somebody does
                    self.workers[place] = new
                    self._supervise(new.supervise())
                    return f"{error}; it is tried again"
                return f"{error}; workers that have not been replaced go on"
            self.workers[place] = new
            self._supervise(new.supervise())
            if not alone:
                task = asyncio.get_running_loop().create_task(old.leave("replaced", _seconds("replaced", server)))
                self._leaving[task] = old
                task.add_done_callback(self._leaving.pop)
        return ""

    def _supervise(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._supervised.add(task)
        task.add_done_callback(self._supervised.discard)

    async def leave(self, seconds: float) -> None:
        """Returns when none is left; they have so many seconds for what they have under way."""
        workers = (*self.workers, *self._leaving.values())
        await asyncio.gather(*(worker.leave("stop", seconds) for worker in workers))
        supervised = tuple(self._supervised)
        for task in supervised:
            task.cancel()
        await asyncio.gather(*supervised, *self._leaving, return_exceptions=True)

    def hurry(self) -> None:
        for worker in (*self.workers, *self._leaving.values()):
            worker.hurry()


def _seconds(order: Order, server: Server) -> float:
    terms = farewell(order, server)
    return terms.accepting + terms.limit
