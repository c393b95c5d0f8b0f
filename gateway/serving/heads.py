"""Heads, as the parent sees them: when `tidegate learn` has put another in service, workers are told to look again.

A look at the disk every few seconds; it costs some system calls for each deployment that ever learned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway.learning.heads import stamp

LOOK_SECONDS = 2.0


class HeadWatch:
    """Calls `changed` whenever a champion or a challenger in the state directory is another than before."""

    def __init__(self, state_directory: Path, changed: Callable[[], Awaitable[None]]) -> None:
        self._state_directory = state_directory
        self._changed = changed
        self._seen = stamp(state_directory)

    async def run(self, every: float = LOOK_SECONDS) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            await self.look()

    async def look(self) -> None:
        found = stamp(self._state_directory)
        if found != self._seen:
            self._seen = found
            await self._changed()
