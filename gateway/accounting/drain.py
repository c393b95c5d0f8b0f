"""Drain: moves the workers' journals into the ledger and the audit, and settles what dead workers left open.

It runs beside the workers, in a process of its own. Lines and the position they reach are committed together, and a
line applied twice changes nothing, so it may be stopped at any point. While the database is away the journals grow and
keep.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from gateway.accounting.abandoned import Abandoned
from gateway.accounting.audit.retention import cut
from gateway.accounting.audit.scribe import Scribe
from gateway.accounting.chunk import Chunk, read_chunk
from gateway.accounting.journals import Journals, is_let_go, worker_of
from gateway.accounting.ledger import Ledger, LedgerUnavailable, Position

if TYPE_CHECKING:
    from gateway.accounting.audit.signer import Signer

CHUNK_BYTES: Final = 1024 * 1024  # about 2,000 attempts, one transaction
LOST_SECONDS: Final = 2 * 86_400.0  # no attempt may take longer than a day
INTERVAL_SECONDS: Final = (
    1.0  # the longer, the more attempts have both their lines in one step, and are one row to write
)
LONGEST_PAUSE_SECONDS: Final = 30.0
CLEAR_UP_SECONDS: Final = 3600.0  # between two looks for records that are older than they may be

_LOG: Final = logging.getLogger(__name__)


class Drain:
    """The one reader of a journal directory; a second one, in whatever process, waits its turn.

    `open_ledger` is called when the ledger is first needed, and again after it failed to open. `clock` gives seconds
    since the epoch. `aside` counts the lines that were no records; they are kept in `aside.lines`. `signer` signs the
    audit's anchors; its records are kept for `retention` seconds, None: for good.
    """

    def __init__(
        self,
        directory: Path,
        open_ledger: Callable[[], Ledger],
        clock: Callable[[], float],
        *,
        chunk_bytes: int = CHUNK_BYTES,
        signer: Signer | None = None,
        retention: float | None = None,
    ) -> None:
        self._directory = directory
        self._journals = Journals(directory)
        self._abandoned = Abandoned(directory)
        self._open_ledger = open_ledger
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._ledger: Ledger | None = None
        self._scribe = Scribe(directory, signer, clock)
        self._retention = retention
        self._clear_up_at = 0.0
        self.read: dict[str, int] = {}  # bytes of each file that were applied when it was last looked at
        self.aside = 0

    def step(self) -> int:
        """Applies all complete lines written so far and returns their number. Raises `LedgerUnavailable`.

        Files of dead workers are then gone, and their open attempts settled as abandoned.
        """
        if not self._directory.is_dir():
            return 0
        with self._alone():
            if not self._journals.has_news(self.read):
                return 0  # and no database is asked
            names = self._journals.names()
            positions = self._open().positions()
            self.read = {}
            return sum(
                self._drain_worker(worker, list(own), positions) for worker, own in groupby(names, key=worker_of)
            )

    def recover(self) -> int:
        """At start: `step`, and settles attempts whose journal is lost altogether. Raises `LedgerUnavailable`."""
        moved = self.step()
        now = self._clock()
        if lost := self._open().abandon_before(now - LOST_SECONDS, now):
            _LOG.warning("open for two days without a journal: attempts settled as abandoned: %d", lost)
            self._abandoned.add(lost)
        return moved

    def clear_up(self) -> int:
        """Removes audit records that are older than they may be and returns their number. Raises `LedgerUnavailable`.

        Looks at most once an hour.
        """
        now = self._clock()
        if self._retention is None or now < self._clear_up_at or not self._directory.is_dir():
            return 0
        total = 0
        with self._alone():
            while True:
                with self._audited(), self._open().clearing() as connection:
                    removed = cut(connection, self._scribe, now - self._retention, now)
                if not removed:
                    break
                total += removed
        self._clear_up_at = now + CLEAR_UP_SECONDS
        if total:
            _LOG.info("audit records older than they may be, removed: %d", total)
        return total

    def pending(self) -> int:
        """Bytes in the directory: what the ledger may not hold yet. Asks no database."""
        return self._journals.total()

    def run(self, stop: threading.Event, enough: Callable[[float], bool] = lambda _: False) -> bool:
        """Recovers, then steps until `stop` is set, and once more; or until `enough`, which is told after each step for
        how many seconds no line has come.

        A ledger that is away is asked ever less often. Returns whether it was there at the last step.
        """
        pause, recovered, away, quiet = INTERVAL_SECONDS, False, False, 0.0
        while True:
            last = stop.wait(pause if recovered or away else 0.0)
            try:
                moved = self.step() if recovered else self.recover()
                self.clear_up()
                quiet = 0.0 if moved else quiet + INTERVAL_SECONDS
            except (LedgerUnavailable, OSError) as error:
                if not away:
                    _LOG.error("the ledger is away, journals are kept meanwhile: %s", error)
                away, pause = True, min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                if away:
                    _LOG.warning("the ledger is back")
                recovered, away, pause = True, False, INTERVAL_SECONDS
            if last or (not away and enough(quiet)):
                return not away

    def close(self) -> None:
        if self._ledger:
            self._ledger.close()
            self._ledger = None

    def _open(self) -> Ledger:
        if self._ledger is None:
            self._ledger = self._open_ledger()
        return self._ledger

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self._directory / "drain.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would not do if a child was forked meanwhile
            os.close(descriptor)

    def _drain_worker(self, worker: str, names: list[str], positions: Mapping[str, int]) -> int:
        moved, finished = 0, []
        for name in names:
            descriptor = os.open(self._directory / name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                # Asked before reading: once the lock is free, no line can follow the last one read.
                is_finished = is_let_go(descriptor)
                moved += self._drain_file(worker, name, descriptor, positions.get(name, 0), is_finished)
            finally:
                os.close(descriptor)
            if is_finished:
                finished.append(name)
        if finished:
            self._drop(worker, finished)
        return moved

    def _drop(self, worker: str, finished: list[str]) -> None:
        """Files read to their end. A worker that has no other is dead."""
        # A worker holds its next file before it lets go of the last, so the directory is asked after the locks.
        if {name for name in self._journals.names() if worker_of(name) == worker} <= set(finished):
            with self._audited():
                abandoned = self._open().bury(
                    worker, self._clock(), finished, lambda connection: self._scribe.end(connection, worker)
                )
            if abandoned:
                _LOG.warning("a worker died: attempts settled as abandoned: %d", abandoned)
                self._abandoned.add(abandoned)
        else:
            self._open().forget(finished)
        for name in finished:
            (self._directory / name).unlink(missing_ok=True)

    def _drain_file(self, worker: str, name: str, descriptor: int, offset: int, is_finished: bool) -> int:
        """What is written meanwhile waits for the next step: to follow a worker line by line would be a transaction for
        each few of them, without end."""
        moved, rest, size = 0, b"", os.fstat(descriptor).st_size
        while True:
            start = offset + len(rest)
            chunk = os.pread(descriptor, min(self._chunk_bytes, size - start), start) if start < size else b""
            if not chunk and not (is_finished and rest):
                self.read[name] = offset
                return moved
            complete, line_feed, rest = (rest + chunk).rpartition(b"\n")
            if not chunk:  # killed while writing: the start of a line is all there will ever be
                complete, line_feed, rest = complete + line_feed + rest, b"", b""
            if not complete and not line_feed:
                continue
            offset += len(complete) + len(line_feed)
            lines = complete.split(b"\n")
            read = read_chunk(lines, worker)
            self._keep_aside(read.aside)
            self._apply(read, worker, Position(name, offset))
            moved += len(lines) - len(read.aside)

    def _apply(self, read: Chunk, worker: str, position: Position) -> None:
        def audit(connection: Connection) -> None:
            self._scribe.write(connection, worker, read.block, read.span)

        also = audit if read.block.numbers else None
        with self._audited():
            self._open().apply(read.rows, read.begun, worker=worker, position=position, also=also)

    @contextmanager
    def _audited(self) -> Iterator[None]:
        """Around a transaction in which the audit is written."""
        try:
            yield
        except BaseException:
            self._scribe.rolled_back()
            raise
        self._scribe.committed()

    def _keep_aside(self, lines: list[bytes]) -> None:
        lines = [line for line in lines if line]
        if not lines:
            return
        with (self._directory / "aside.lines").open("ab") as file:
            file.write(b"\n".join(lines) + b"\n")
        self.aside += len(lines)
        _LOG.error("a journal holds lines that are no records, kept in aside.lines: %d", len(lines))
