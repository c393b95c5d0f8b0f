"""ExactCache: the same question again gets the answer it got before.

What is kept is never more than a copy: losing it costs an upstream call, nothing else. An answer is put only where the
request's clearance permits the store's zone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.cache.entry import SCHEMA, Entry
from gateway.cache.purges import Purges
from gateway.cache.vault import Vault
from gateway.stores.protocol import ByteStore
from router.clearance import Clearance

Read = Callable[[str], Awaitable[bytes | None]]
_SEALED: Final = bytes([0x80 | SCHEMA])  # in place of an entry's version: the rest is for the vault


class ExactCache:
    """`max_entry_bytes` bounds an entry as it is kept; `clock` gives seconds since the epoch. How long an answer may be
    given again is for the route to say: `within` and `keep` are in seconds. Without a `vault` nothing is kept sealed.
    """

    def __init__(
        self,
        store: ByteStore,
        *,
        max_entry_bytes: int,
        clock: Callable[[], float],
        vault: Vault | None = None,
        purges: Purges | None = None,
    ) -> None:
        self._store = store
        self._max_entry_bytes = max_entry_bytes
        self._clock = clock
        self._vault = vault
        self.purges = purges

    @property
    def era(self) -> int:
        """The last purge that is known here: for the entry of what is asked now."""
        return 0 if self.purges is None else self.purges.era

    async def get(self, key: str, *, within: int, sealed: bool = False, read: Read | None = None) -> Entry | None:
        """The answer kept under `key` (from `CacheKeys`), if it is there, whole, its own, younger than that, and not
        purged since. `sealed`: whether one that is encrypted will do. `read`: in place of the store's own.
        """
        purges = self.purges
        if purges is not None and not purges.is_current:
            return None
        value = await (read or self._store.get)(_name(key))
        if value is None:
            return None
        # The value says whose it is: should a store ever hand out another key's value, that is a miss.
        owner = key.encode()
        if not value.startswith(owner):
            return None
        entry = self._read(key, memoryview(value)[len(owner) :], sealed)
        if entry is None or self.age(entry) >= within:
            return None
        if purges is not None and purges.concern(entry.era, entry.names):
            return None
        return entry

    async def put(self, key: str, entry: Entry, *, keep: int, sealed: bool = False) -> bool:
        """Keep the answer for so long, encrypted where it is to be `sealed`. `False` when its clearance forbids the
        store's zone, it is too large, or there is no key to seal it with.
        """
        if not self._permits(entry):
            return False
        content = entry.encode()
        if sealed:
            if self._vault is None:
                return False
            content = _SEALED + self._vault.sealed(key, content)
        value = key.encode() + content
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

    def _read(self, key: str, content: memoryview, sealed: bool) -> Entry | None:
        if content[:1] != _SEALED:
            return Entry.decode(content)
        if not sealed or self._vault is None:
            return None
        opened = self._vault.opened(key, bytes(content[1:]))
        return None if opened is None else Entry.decode(opened)

    def _permits(self, entry: Entry) -> bool:
        try:
            clearance = Clearance.parse(entry.clearance)
        except ValueError:
            return False
        return clearance.permits(self._store.zone, masked=bool(entry.masked))


def _name(key: str) -> str:
    return f"exact:{SCHEMA}:{key}"
