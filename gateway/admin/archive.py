"""Archive: the ledger as the administration reads it: opened when somebody asks, in threads. No request waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.wire.errors import Unavailable

if TYPE_CHECKING:
    from gateway.accounting.ledger import Ledger

AT_ONCE: Final = 2  # questions; each takes a thread, and a processor that requests want too
_R = TypeVar("_R")


class LedgerAway(Unavailable):
    """The ledger's database cannot be asked now: try again."""

    code = "ledger_unavailable"


class Archive:
    """Of one worker. What requests have just cost is in it about a second later."""

    def __init__(self) -> None:
        self._open: tuple[str, Ledger] | None = None
        self._lock = threading.Lock()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def ask(self, url: str, question: Callable[[Ledger], _R]) -> _R:
        """Raises `LedgerAway`."""
        async with self._turn:
            return await asyncio.to_thread(self._answer, url, question)

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open[1].close()
                self._open = None

    def _answer(self, url: str, question: Callable[[Ledger], _R]) -> _R:
        from gateway.accounting.ledger import LedgerUnavailable

        try:
            return question(self._ledger(url))
        except LedgerUnavailable as error:
            raise LedgerAway(f"The ledger cannot be read now: {error}.") from error

    def _ledger(self, url: str) -> Ledger:
        from gateway.accounting.ledger import Ledger

        with self._lock:
            if self._open is None or self._open[0] != url:
                opened = Ledger.open(url)
                if self._open is not None:
                    self._open[1].close()
                self._open = (url, opened)
            return self._open[1]
