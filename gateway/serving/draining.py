"""Draining: the parent's thread that moves the workers' journals into the ledger.

The database's libraries are loaded when there is a first line to move: a gateway that has served nothing needs none.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from gateway.config.loaded import Loaded

FIRST_LOOK_SECONDS = 0.25


class Draining:
    """`start` at the beginning; `finish` after the last worker has ended moves what is left."""

    def __init__(self, loaded: Loaded) -> None:
        self._journal = loaded.state_directory / "journal"
        self._url = loaded.ledger_url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Returns when all is moved, unless the database is away: then the journals keep it until the next start."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not _has_lines(self._journal):
            if self._stop.wait(FIRST_LOOK_SECONDS):
                break
        if not _has_lines(self._journal):
            return
        from gateway.accounting.drain import Drain
        from gateway.accounting.ledger import Ledger

        drain = Drain(self._journal, lambda: Ledger.open(self._url), time.time)
        try:
            drain.run(self._stop)
        finally:
            drain.close()


def _has_lines(journal: Path) -> bool:
    try:
        with os.scandir(journal) as entries:
            return any(entry.is_file() and entry.stat().st_size for entry in entries)
    except FileNotFoundError:  # before the first worker, or a file that went meanwhile
        return False
