"""ByteStore: bytes under a key for a while. What the caches need, and nothing more."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Room(NamedTuple):
    """What a store holds now."""

    entries: int
    bytes: int


class ByteStore(Protocol):
    """Keeps bytes until their time is over or the room is needed. Losing a value is allowed, a wrong value never.

    No method raises because the store behind it is down, frozen or full: reading is then a miss, writing does nothing.
    Keys are ASCII without braces, at most a few hundred characters. `ttl` is in whole seconds, at least 1.
    """

    zone: str
    """Where the bytes end up: content may be put here only if its clearance permits this zone."""

    @property
    def room(self) -> Room | None:
        """None where others put things there too."""

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` when there is none (or no way to know)."""

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        """Keep `value` for `ttl` seconds, in place of what was there."""

    async def delete(self, key: str) -> None:
        """Forget the key; one that is not there is no error."""

    async def close(self) -> None:
        """Let go of connections and memory. Calling it twice is harmless."""
