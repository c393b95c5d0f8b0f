"""The notebook: what was asked and said is noted in memory, and kept a second later, while nobody waits for it.

A sample is made on the event loop, one between two rounds of everything else, for it takes less than waiting for a
thread would cost the others. SQL is asked in a thread. What is more than the notebook holds is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.learning.note import Note
from gateway.learning.sample import Label, Sample
from gateway.stores.link import StoreFault, uncounted
from gateway.stores.seal import LEARNING, Seal
from gateway.stores.sql_link import WAIT_SECONDS, SqlLink
from router.difficulty.features import read
from router.difficulty.view import View

if TYPE_CHECKING:
    from gateway.learning.store import LearningStore

FLUSH_SECONDS: Final = 1.0  # how long a note stays one
MOST_NOTES: Final = 2000  # some 12 MB, if all prompts are as long as what is read of one
PURGE_SECONDS: Final = 3600.0
_DAY: Final = 86_400.0
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def _unheard(reason: str, count: int) -> None:
    del reason, count


class Notebook:
    """Of one event loop. `wall` gives seconds since the epoch, `steady` never goes back. `on_fault` is told the kind of
    every fault of the database, `on_dropped` a reason and a number.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        keep_days: int,
        max_rows: int,
        wall: Callable[[], float],
        steady: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
        on_dropped: Callable[[str, int], None] = _unheard,
    ) -> None:
        self.seal = Seal(secret, LEARNING) if secret else None
        self._keep_days = keep_days
        self._max_rows = max_rows
        self._wall = wall
        self._on_dropped = on_dropped
        self._link: SqlLink[LearningStore] = SqlLink(partial(_open, url), steady, on_fault)
        self._notes: deque[Note] = deque()
        self._samples: deque[Sample] = deque()  # made, and not kept yet
        self._labels: deque[Label] = deque()
        self._purged = -PURGE_SECONDS
        self._at_work = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_warm = False

    def note(self, note: Note) -> bool:
        """Whether there was room."""
        return self._put(self._notes, note)

    def say(self, label: Label) -> bool:
        """A label that may be kept later. Whether there was room."""
        return self._put(self._labels, label)

    async def sample(self, request_id: str) -> Sample | None:
        """What is known of a request here or in the database. Raises `StoreFault`."""
        for noted in self._notes:
            if noted.request_id == request_id:
                await self.flush()
                break
        for made in self._samples:
            if made.request_id == request_id:
                return made
        return await self.ask(lambda store: store.sample(request_id))

    async def label(self, label: Label) -> None:
        """Returns when it is kept. Raises `StoreFault`."""
        await self.ask(lambda store: store.label((label,)))

    async def ask(self, work: Callable[[LearningStore], _T]) -> _T:
        """What the store says, asked in a thread. Raises `StoreFault`."""
        return await self._link.run(work)

    async def flush(self) -> None:
        """Keeps what was noted so far; what the database does not take waits for the next time."""
        async with self._at_work:
            await self._make_samples()
            samples, labels = tuple(self._samples), tuple(self._labels)
            if not samples and not labels:
                return
            try:
                await self._link.run(partial(self._write, samples, labels))
            except StoreFault:
                self._wake()
                return
            for kept, queue in ((samples, self._samples), (labels, self._labels)):
                for _ in kept:
                    queue.popleft()

    async def close(self) -> None:
        """Keeps what there is, if the database takes it at once."""
        if self._timer is not None:
            self._timer.cancel()
        await self.flush()
        if lost := len(self._notes) + len(self._samples) + len(self._labels):
            self._on_dropped("store", lost)
        if self._timer is not None:
            self._timer.cancel()
        self._link.close()

    def _put(self, queue: deque[_T], item: _T) -> bool:
        if len(self._notes) + len(self._samples) + len(self._labels) >= MOST_NOTES:
            self._on_dropped("full", 1)
            return False
        queue.append(item)
        self._wake()
        return True

    def _wake(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._task = asyncio.get_running_loop().create_task(self.flush())

    async def _make_samples(self) -> None:
        if self._notes and not self._is_warm:  # tables are read from disk: some 30 ms
            await asyncio.to_thread(read, View("", task_length=0))
            self._is_warm = True
        while self._notes:
            self._samples.append(self._notes.popleft().sample(self.seal))
            await asyncio.sleep(0)

    def _write(self, samples: tuple[Sample, ...], labels: tuple[Label, ...], store: LearningStore) -> None:
        store.keep(samples)
        store.label(labels)
        now = self._wall()
        if now - self._purged >= PURGE_SECONDS:
            old, many = store.forget_before(now - self._keep_days * _DAY), store.trim(self._max_rows)
            self._purged = now
            if deleted := old.samples + many.samples:
                _log.info("%d requests are no longer kept to learn from", deleted)


def _open(url: str) -> LearningStore:
    from gateway.learning.store import LearningStore

    return LearningStore.open(url, WAIT_SECONDS)
