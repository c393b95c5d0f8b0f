"""ExactCache: the same question again gets the answer it got before.

What is kept is never more than a copy: losing it costs an upstream call, nothing else. An answer is put only where the
request's clearance permits the store's zone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.cache.entry import SCHEMA, Entry
from gateway.stores.protocol import ByteStore
from router.clearance import Clearance

Read = Callable[[str], Awaitable[bytes | None]]


class ExactCache:
    """`max_entry_bytes` bounds an entry as it is kept; `clock` gives seconds since the epoch. How long an answer may be
    given again is for the route to say: `within` and `keep` are in seconds.
    """

    def __init__(self, store: ByteStore, *, max_entry_bytes: int, clock: Callable[[], float]) -> None:
        self._store = store
        self._max_entry_bytes = max_entry_bytes
        self._clock = clock

    async def get(self, key: str, *, within: int, read: Read | None = None) -> Entry | None:
        """The answer kept under `key` (from `CacheKeys`), if it is there, whole, its own and younger than that. `read`:
        in place of the store's."""
        value = await (read or self._store.get)(_name(key))
        if value is None:
            return None
        # The value says whose it is: should a store ever hand out another key's value, that is a miss.
        seal = key.encode()
        if not value.startswith(seal):
            return None
        entry = Entry.decode(memoryview(value)[len(seal) :])
        if entry is None or self.age(entry) >= within:
            return None
        return entry

    async def put(self, key: str, entry: Entry, *, keep: int) -> bool:
        """Keep the answer for so long. `False` when its clearance forbids the store's zone, or it is too large."""
        if not self._permits(entry):
            return False
        value = key.encode() + entry.encode()
        if len(value) > self._max_entry_bytes:
            return False
        await self._store.put(_name(key), value, keep)
        return True

    async def evict(self, key: str) -> None:
        """Forget the answer."""
        await self._store.delete(_name(key))

    def age(self, entry: Entry) -> float:
        """Seconds since the answer was given; clocks that differ between replicas do not make it negative."""
        return max(0.0, self._clock() - entry.stored_at)

    def _permits(self, entry: Entry) -> bool:
        try:
            clearance = Clearance.parse(entry.clearance)
        except ValueError:
            return False
        return clearance.permits(self._store.zone, masked=bool(entry.masked))


def _name(key: str) -> str:
    return f"exact:{SCHEMA}:{key}"
