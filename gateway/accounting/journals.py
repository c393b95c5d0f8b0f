"""Journals: the files of a journal directory as their reader sees them. Which hold something that it has not read?

`journal.py` writes them, `drain.py` reads them. Asks no database and needs none of its libraries.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SUFFIX: Final = ".journal"


class Journals:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        """In order: of each worker, the oldest first."""
        try:
            with os.scandir(self._directory) as entries:
                return sorted(entry.name for entry in entries if entry.name.endswith(SUFFIX))
        except FileNotFoundError:  # before the first worker
            return []

    def total(self) -> int:
        """Bytes of all of them: what the ledger may not hold yet."""
        return sum(map(self.size, self.names()))

    def dead(self) -> set[str]:
        """The workers that have ended and left files: not all that they wrote down is in the ledger."""
        over = {name for name in self.names() if self._is_over(name)}
        # A worker holds its next file before it lets go of the last, so the directory is asked again after the locks.
        names = self.names()
        alive = {worker_of(name) for name in names if name not in over}
        return {worker_of(name) for name in names if self.size(name)} - alive

    def size(self, name: str) -> int:
        """In bytes; of a file that is gone, 0."""
        try:
            return (self._directory / name).stat().st_size
        except FileNotFoundError:
            return 0

    def has_news(self, read: Mapping[str, int]) -> bool:
        """Whether a line was written, or a worker let go of its file, since `read` bytes of each file were read.

        A worker that let go of its first file without a line has nothing to tell.
        """
        return any(self._is_news(name, read) for name in self.names())

    def _is_news(self, name: str, read: Mapping[str, int]) -> bool:
        size = self.size(name)
        if read.get(name, 0) != size:
            return True
        if not size and _number_of(name) == 1:
            return False
        return self._is_over(name)

    def _is_over(self, name: str) -> bool:
        """Whether its worker has let go of it, and it is still there."""
        try:
            descriptor = os.open(self._directory / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return is_let_go(descriptor)
        finally:
            os.close(descriptor)


def worker_of(name: str) -> str:
    """Whose file it is: the worker's identity in that life."""
    return name.removesuffix(SUFFIX).rpartition(".")[0]


def _number_of(name: str) -> int:
    number = name.removesuffix(SUFFIX).rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def is_let_go(descriptor: int) -> bool:
    """Whether the worker has ended or gone on to its next file: no line will follow."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: several may ask at once
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # nobody takes it again
    return True
