"""Abandoned: how many attempts of a journal directory were settled as abandoned, since their process had died.

The drain counts, in a process of its own; workers read the count for the metrics.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

FILE: Final = "abandoned.count"
_LOG: Final = logging.getLogger(__name__)


class Abandoned:
    """One process at a time adds: the drain is alone."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / FILE

    def count(self) -> int:
        """Since the directory was made; 0 where nobody has counted yet, or what stands there is no number."""
        try:
            text = self._file.read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        return int(text) if text.strip().isdecimal() else 0

    def add(self, more: int) -> None:
        """The rows stand in the ledger; what cannot be counted costs a log line."""
        new = self._file.with_name(f"{FILE}.new")
        try:
            new.write_text(str(self.count() + more), encoding="ascii")
            new.replace(self._file)
        except OSError as error:
            _LOG.warning("attempts that were abandoned cannot be counted: %s", error.strerror)
