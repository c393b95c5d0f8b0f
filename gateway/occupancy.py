"""Occupancy: how many requests still use a configuration that was replaced."""

from __future__ import annotations

import asyncio


class Occupancy:
    """Entered and left by each request; `emptied` returns once nobody is in and nobody will enter any more."""

    __slots__ = ("_empty", "count")

    def __init__(self) -> None:
        self.count = 0
        self._empty: asyncio.Event | None = None

    def enter(self) -> None:
        self.count += 1

    def leave(self) -> None:
        self.count -= 1
        if self.count == 0 and self._empty is not None:
            self._empty.set()

    async def emptied(self) -> None:
        """Only for one that is no longer entered."""
        if self.count:
            self._empty = asyncio.Event()
            await self._empty.wait()
