"""Spool: what waits in a journal directory while the ledger is away, held to a limit where the operator wants that.

Counted are whole files, and a worker's file in use may be in the ledger already: the limit has to leave room for that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.accounting.journals import Journals
from gateway.config.books import Ledger

LOOK_SECONDS: Final = 1.0  # between two looks; what is written meanwhile may go beyond the limit
_SHARE: Final = 100  # a look may take that part of the time: a hundredth, however many files there are

_LOG: Final = logging.getLogger(__name__)


def spool_of(settings: Ledger, directory: Path, steady: Callable[[], float]) -> Spool | None:
    """None where as much may wait as the disk holds."""
    return Spool(directory, settings.spool_max_bytes, steady) if settings.when_full == "refuse" else None


class Spool:
    """Of one worker. `most` is the bytes that may wait; `steady` gives seconds."""

    __slots__ = ("_is_full", "_journals", "_look_at", "_most", "_steady")

    def __init__(self, directory: Path, most: int, steady: Callable[[], float]) -> None:
        self._journals = Journals(directory)
        self._most = most
        self._steady = steady
        self._look_at = steady()
        self._is_full = False

    def is_full(self) -> bool:
        """As of the last look; looks again where that is due."""
        now = self._steady()
        if now >= self._look_at:
            self._look()
            self._look_at = now + max(LOOK_SECONDS, _SHARE * (self._steady() - now))
        return self._is_full

    def _look(self) -> None:
        try:
            waiting = self._journals.total()
        except OSError:  # no descriptor left, perhaps: what was true a moment ago is
            return
        was_full, self._is_full = self._is_full, waiting >= self._most
        if self._is_full and not was_full:
            _LOG.error("the ledger is away and %d bytes wait for it: requests are refused", waiting)
        elif was_full and not self._is_full:
            _LOG.warning("there is room again for what the ledger has to be told: requests are served")
