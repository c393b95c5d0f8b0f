"""Journal: what a worker writes down before and after every attempt, so that a killed process loses nothing.

One append-only file per worker, one `write` per line: the line is in the kernel when the call returns, whatever
becomes of the process. The worker holds a lock (flock) on the file it writes to; whoever can take that lock knows that
the file is finished. `drain.py` reads the files and is the only one to delete them.

File names: `WORKER.PID.HOST.MILLISECONDS.NUMBER.journal`. All but the number is the worker's identity in this life.

What says where content goes is audited, by the same line: it is sealed, see `audit/chain.py`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.accounting.audit.chain import Chain
from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.journals import SUFFIX
from gateway.accounting.record import Declined, Intent, Settlement, write_record
from gateway.accounting.spool import Spool
from gateway.wire.errors import because

FILE_BYTES: Final = 8 * 1024 * 1024  # about 15,000 attempts
FILE_SECONDS: Final = 300.0


class Journal:
    """The journal of one worker. Written from one thread; `clock` gives seconds since the epoch.

    `identity` is what this life of the worker is called in the ledger. With `fsync` every line is on the disk before
    its call returns. Raises `JournalUnavailable` when it cannot be opened or written; a later call may succeed again, a
    line is never written by halves. With a `spool` that is full nothing new is begun: what is under way is settled.
    """

    def __init__(
        self,
        directory: Path,
        worker: str,
        *,
        fsync: bool,
        clock: Callable[[], float],
        file_bytes: int = FILE_BYTES,
        file_seconds: float = FILE_SECONDS,
        spool: Spool | None = None,
    ) -> None:
        self._directory = directory
        self._fsync = fsync
        self._clock = clock
        self._file_bytes = file_bytes
        self._file_seconds = file_seconds
        self._spool = spool
        self.identity: Final = ".".join(
            re.sub(r"[^A-Za-z0-9_-]", "-", part)
            for part in (worker, str(os.getpid()), os.uname().nodename, str(int(clock() * 1000)))
        )
        self._chain = Chain(self.identity)
        self._number = 0
        self._written = 0  # bytes in the current file
        self._opened = 0.0
        self._torn = False  # the file ends in the start of a line
        self._descriptor = -1
        self._buffer = bytearray()
        self.rotate()

    def intent(self, intent: Intent) -> None:
        """Before a call. If this raises, the call must not be made."""
        self._check_room()
        if self._is_due(intent.at):
            self.rotate()
        self._append(intent, audited=True)

    def declined(self, declined: Declined) -> None:
        """A decision that came to no call."""
        self._check_room()
        if self._is_due(declined.intent.at):
            self.rotate()
        self._append(declined, audited=True)

    def settled(self, settlement: Settlement) -> None:
        """After a call, before the end of the answer is let through. An answer from the cache has no other line."""
        is_hit = settlement.outcome == "hit"
        if is_hit:  # any other ends what was begun while there was room
            self._check_room()
        if self._is_due(settlement.at):
            with suppress(JournalUnavailable):  # the file there is may still take it
                self.rotate()
        self._append(settlement, audited=is_hit)

    def rotate(self) -> None:
        """Goes on in a new file. The new one is held before the old one is let go: the worker never looks dead."""
        try:
            descriptor = self._open()
        except OSError as error:
            raise because(JournalUnavailable(_MESSAGE), error)  # noqa: B904
        before, self._descriptor = self._descriptor, descriptor
        self._written, self._opened, self._torn = 0, self._clock(), False
        if before >= 0:
            os.close(before)

    def close(self) -> None:
        """Lets go of the file; what is still open is then settled as abandoned. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._written = 0

    def _open(self) -> int:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._number += 1
        path = self._directory / f"{self.identity}.{self._number:06d}{SUFFIX}"
        # Locked first, given its name afterwards: under its name nobody ever sees it unlocked while it is in use.
        unnamed = path.with_suffix(".opening")
        descriptor = os.open(unnamed, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unnamed.rename(path)
            if self._fsync:
                _sync_directory(self._directory)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _check_room(self) -> None:
        if self._spool is not None and self._spool.is_full():
            raise JournalUnavailable(_NO_ROOM)

    def _is_due(self, at: float) -> bool:
        written = self._written
        return written >= self._file_bytes or (written > 0 and at - self._opened >= self._file_seconds)

    def _append(self, record: Intent | Settlement | Declined, *, audited: bool) -> None:
        if self._descriptor < 0:
            raise JournalUnavailable(_MESSAGE)
        buffer = self._buffer
        write_record(record, buffer)
        buffer += self._chain.seal(buffer) if audited else b"\n"
        if self._torn:
            buffer[:0] = b"\n"
        try:
            written = os.write(self._descriptor, buffer)
            if written != len(buffer):
                self._take_back(written)
                raise JournalUnavailable(_MESSAGE)
            self._torn = False
            self._written += written
            if audited:
                self._chain.written()
            if self._fsync:
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise because(JournalUnavailable(_MESSAGE), error)  # noqa: B904

    def _take_back(self, written: int) -> None:
        """The disk is full and took only the start of a line. Readers wait for the line feed, so none has seen it."""
        self._torn = True
        size = os.fstat(self._descriptor).st_size
        os.ftruncate(self._descriptor, size - written)
        self._torn = False


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_MESSAGE: Final = "The cost of this request cannot be written down, so it is not made. Try again."
_NO_ROOM: Final = "No more costs may wait to be written to the ledger, which is away, so this request is not made."
