"""SqlLink: a database asked from the event loop, in threads of its own, with a time limit on every step.

A database that is down, locked or frozen costs a step at most `STEP_SECONDS`, and that once in a while: in between,
steps fail at once. What is asked here is never on the way of a chat request.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from gateway.stores.breaker import Breaker
from gateway.stores.link import StoreFault, uncounted

THREADS = 2  # as many connections to PostgreSQL; SQLite has one writer anyway
MOST_WAITING = 64  # steps; more fail at once
STEP_SECONDS = 5.0  # for a step, waiting for a thread included
WAIT_SECONDS = 3.0  # what a step's connection is given for one answer, so that a frozen server gives its thread back

_R = TypeVar("_R")
_log = logging.getLogger(__name__)


class Closeable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closeable)


class SqlLink(Generic[T]):
    """Of one event loop. `opening` imports what it needs, connects, and makes the tables; it runs in a thread, when
    something is first asked, and again after it failed. `on_fault` is told the kind of every fault: `timeout`,
    `connection`, `busy` or `open`; `clock` gives seconds and never goes back.
    """

    def __init__(
        self,
        opening: Callable[[], T],
        clock: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
        *,
        step_seconds: float = STEP_SECONDS,
    ) -> None:
        self._opening = opening
        self._breaker = Breaker(clock)
        self._on_fault = on_fault
        self._step_seconds = step_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sql")
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._opened: T | None = None
        self._at_work = 0  # threads that use it
        self._is_closing = False
        self._is_loaded = False

    async def run(self, work: Callable[[T], _R], gave_up: threading.Event | None = None) -> _R:
        """What `work` returns. Raises `StoreFault`; `gave_up` is set if the work goes on and nobody waits for it."""
        if not self._breaker.allow():
            raise self._fault("open")
        try:
            if not self._is_loaded:  # takes a second on a busy machine, and nothing of that is the database's fault
                await self._in_thread(_load, None)
                self._is_loaded = True
            result = await self._in_thread(lambda: self._step(work), self._step_seconds)
        except TimeoutError:
            if gave_up is not None:
                gave_up.set()
            raise self._failed("timeout") from None
        except StoreFault as fault:
            if fault.kind == "busy":  # that says nothing about the database
                raise self._fault(fault.kind) from None
            raise self._failed(fault.kind) from fault
        if self._breaker.success():
            _log.info("the database answers again")
        return result

    def close(self) -> None:
        """Waits for nothing: the last thread closes the database when it has done what it is at. Twice is harmless."""
        if self._is_closing:
            return
        self._is_closing = True
        self._threads.submit(self._let_go)
        self._threads.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], _R], seconds: float | None) -> _R:
        if not self._room.acquire(blocking=False):
            raise StoreFault("busy")
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._room.release())  # when the thread is free again, waited for or not
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)

    def _step(self, work: Callable[[T], _R]) -> _R:
        from gateway.stores.sql import DatabaseUnavailable

        try:
            with self._lock:
                if self._opened is None:
                    self._opened = self._opening()
                opened = self._opened
                self._at_work += 1
            try:
                return work(opened)
            finally:
                with self._lock:
                    self._at_work -= 1
                self._let_go()
        except DatabaseUnavailable as error:
            _log.debug("%s", error)
            raise StoreFault("connection") from error

    def _let_go(self) -> None:
        with self._lock:
            if self._is_closing and self._opened is not None and not self._at_work:
                self._opened.close()
                self._opened = None

    def _failed(self, kind: str) -> StoreFault:
        if self._breaker.failure():
            _log.warning("the database cannot be asked: %s", kind)
        return self._fault(kind)

    def _fault(self, kind: str) -> StoreFault:
        self._on_fault(kind)
        return StoreFault(kind)


def _load() -> None:
    """In a thread and not before it is needed: SQLAlchemy takes 40 MB and 0.2 s, and most workers do without."""
    import gateway.stores.sql  # noqa: F401
