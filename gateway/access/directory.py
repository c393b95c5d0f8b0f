"""Directory: all keys and teams that are made at run time, at hand in every worker. Asking it costs no database.

The database is asked once a second what has changed. While it is away, what was known last holds; a worker that never
knew says that it does not know, which is not the same as "wrong key".
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.access.keyed_hash import KeyedHash
from gateway.access.place import is_missing
from gateway.access.stored import Shelf
from gateway.stores.link import StoreFault, uncounted
from gateway.stores.sql_link import WAIT_SECONDS, SqlLink
from gateway.wire.errors import Unavailable

if TYPE_CHECKING:
    from gateway.access.store import AccessStore

SECONDS: Final = 1.0  # between two questions; a change is in force everywhere within two
_R = TypeVar("_R")
_log = logging.getLogger(__name__)


class Directory:
    """Of one event loop. `shelf` is None until the database has answered for the first time."""

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self.keyed_hash = KeyedHash(secret)
        self.shelf: Shelf | None = Shelf() if is_missing(url) else None
        self._url = url
        self._seconds = seconds
        self._link: SqlLink[AccessStore] = SqlLink(partial(_open, url), clock, on_fault)
        self._following: asyncio.Task[None] | None = None
        self._refreshing = asyncio.Lock()

    def start(self) -> None:
        """Follows what changes from now on. Twice is harmless."""
        if self._following is None:
            self._following = asyncio.get_running_loop().create_task(self._follow())

    async def refresh(self) -> None:
        """What has changed until now is known afterwards. Raises `StoreFault`."""
        async with self._refreshing:
            before = self.shelf
            if before is not None and before.seen is None and is_missing(self._url):
                return  # nobody has made anything, and SQLAlchemy takes 40 MB
            after = await self._link.run(partial(_after, before or Shelf(), self.keyed_hash.mark))
            self.shelf = after
        if after.strange and after.strange != (before.strange if before else 0):
            _log.warning(
                "%d stored keys were made with another `access.secret`: set that one, or rotate them", after.strange
            )

    async def ask(self, work: Callable[[AccessStore], _R]) -> _R:
        """What `work` returns, done in a thread. Raises `Unavailable`."""
        try:
            return await self._link.run(work)
        except StoreFault:
            raise _away() from None

    async def change(self, work: Callable[[AccessStore, Callable[[], bool]], _R]) -> _R:
        """The same for what changes something, which is in force here afterwards. `work` is given whether nobody waits
        for it any more."""
        gave_up = threading.Event()
        try:
            result = await self._link.run(lambda store: work(store, gave_up.is_set), gave_up)
        except StoreFault:
            raise _away() from None
        with contextlib.suppress(StoreFault):  # then it is in force as soon as the database can be asked again
            await self.refresh()
        return result

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        self._link.close()

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(StoreFault):  # the link has said so, and counted it
                await self.refresh()
            await asyncio.sleep(self._seconds)


def _open(url: str) -> AccessStore:
    from gateway.access.store import AccessStore

    return AccessStore.open(url, WAIT_SECONDS)


def _away() -> Unavailable:
    return Unavailable("The database of keys cannot be asked now. Try again.", retry_after=1)


def _after(before: Shelf, mark: str, store: AccessStore) -> Shelf:
    news = store.news(before.seen)
    return before if news is None else before.after(news, mark)
