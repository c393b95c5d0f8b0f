"""Drain: moves the workers' journals into the ledger, and settles what dead workers left open.

It runs in a thread of the parent process. Lines and the position they reach are committed together, and a line applied
twice changes nothing, so it may be stopped at any point. While the database is away the journals grow and keep.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Final

from gateway.accounting.journal import SUFFIX
from gateway.accounting.ledger import Ledger, LedgerUnavailable, Position
from gateway.accounting.record import SETTLED, Intent, Settlement, UnreadableLine, intent_of, settlement_of

CHUNK_BYTES: Final = 1024 * 1024  # about 2,000 attempts, one transaction
LOST_SECONDS: Final = 2 * 86_400.0  # no attempt may take longer than a day
INTERVAL_SECONDS: Final = (
    1.0  # the longer, the more attempts have both their lines in one step, and are one row to write
)
LONGEST_PAUSE_SECONDS: Final = 30.0

_LOG: Final = logging.getLogger(__name__)


class Drain:
    """The one reader of a journal directory; a second one, in whatever process, waits its turn.

    `open_ledger` is called when the ledger is first needed, and again after it failed to open. `clock` gives seconds
    since the epoch. `aside` counts the lines that were no records; they are kept in `aside.lines`.
    """

    def __init__(
        self,
        directory: Path,
        open_ledger: Callable[[], Ledger],
        clock: Callable[[], float],
        *,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self._directory = directory
        self._open_ledger = open_ledger
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._ledger: Ledger | None = None
        self.aside = 0

    def step(self) -> int:
        """Applies all complete lines written so far and returns their number. Raises `LedgerUnavailable`.

        Files of dead workers are then gone, and their open attempts settled as abandoned.
        """
        if not self._directory.is_dir():
            return 0
        moved = 0
        with self._alone():
            files = sorted(self._directory.glob(f"*{SUFFIX}"))
            positions = self._open().positions([file.name for file in files]) if files else {}
            for worker, own in groupby(files, key=_worker_of):
                moved += self._drain_worker(worker, list(own), positions)
        return moved

    def recover(self) -> int:
        """At start: `step`, and settles attempts whose journal is lost altogether. Raises `LedgerUnavailable`."""
        moved = self.step()
        now = self._clock()
        if lost := self._open().abandon_before(now - LOST_SECONDS, now):
            _LOG.warning("open for two days without a journal: attempts settled as abandoned: %d", lost)
        return moved

    def pending(self) -> int:
        """Bytes in the directory: what the ledger may not hold yet. Asks no database."""
        return sum(_size(file) for file in self._directory.glob(f"*{SUFFIX}"))

    def run(self, stop: threading.Event) -> None:
        """Recovers, then steps until `stop` is set, and once more. A ledger that is away is asked ever less often."""
        pause, recovered, away = INTERVAL_SECONDS, False, False
        while True:
            last = stop.wait(pause if recovered or away else 0.0)
            try:
                self.step() if recovered else self.recover()
            except (LedgerUnavailable, OSError) as error:
                if not away:
                    _LOG.error("the ledger is away, journals are kept meanwhile: %s", error)
                away, pause = True, min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                if away:
                    _LOG.warning("the ledger is back")
                recovered, away, pause = True, False, INTERVAL_SECONDS
            if last:
                return

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

    def _drain_worker(self, worker: str, files: list[Path], positions: dict[str, int]) -> int:
        moved, finished = 0, []
        for file in files:
            with file.open("rb") as opened:
                # Asked before reading: once the lock is free, no line can follow the last one read.
                is_finished = _is_let_go(opened.fileno())
                moved += self._drain_file(worker, file, opened.fileno(), positions.get(file.name, 0), is_finished)
            if is_finished:
                finished.append(file)
        # A worker holds its next file before it lets go of the last, so the directory is asked after the locks.
        now_there = {file for file in self._directory.glob(f"{worker}.*{SUFFIX}") if _worker_of(file) == worker}
        if now_there <= set(finished):
            if abandoned := self._open().bury(worker, self._clock(), [file.name for file in finished]):
                _LOG.warning("a worker died: attempts settled as abandoned: %d", abandoned)
        else:
            for file in finished:
                self._open().forget(file.name)
        for file in finished:
            file.unlink(missing_ok=True)
        return moved

    def _drain_file(self, worker: str, file: Path, descriptor: int, offset: int, is_finished: bool) -> int:
        moved, rest = 0, b""
        while True:
            chunk = os.pread(descriptor, self._chunk_bytes, offset + len(rest))
            if not chunk and not (is_finished and rest):
                return moved
            complete, line_feed, rest = (rest + chunk).rpartition(b"\n")
            if not chunk:  # killed while writing: the start of a line is all there will ever be
                complete, line_feed, rest = complete + line_feed + rest, b"", b""
            if not complete and not line_feed:
                continue
            offset += len(complete) + len(line_feed)
            lines = complete.split(b"\n")
            records, unreadable = _read(lines)
            self._keep_aside(unreadable)
            self._open().apply(records, worker=worker, position=Position(file.name, offset))
            moved += len(lines) - len(unreadable)

    def _keep_aside(self, lines: list[bytes]) -> None:
        lines = [line for line in lines if line]
        if not lines:
            return
        with (self._directory / "aside.lines").open("ab") as file:
            file.write(b"\n".join(lines) + b"\n")
        self.aside += len(lines)
        _LOG.error("a journal holds lines that are no records, kept in aside.lines: %d", len(lines))


def _read(lines: list[bytes]) -> tuple[list[Intent | Settlement], list[bytes]]:
    """The records that matter, and the lines that are none.

    An intent that is settled in another of the lines is left unread: the settlement says all that it says.
    """
    records: list[Intent | Settlement] = []
    unreadable: list[bytes] = []
    ended: set[bytes] = set()
    for line in lines:
        if line.startswith(SETTLED):
            try:
                records.append(settlement_of(line))
                ended.add(_id_in(line, 2))
            except UnreadableLine:
                unreadable.append(line)
    for line in lines:
        if not line.startswith(SETTLED) and _id_in(line, 1) not in ended:
            try:
                records.append(intent_of(line))
            except UnreadableLine:
                unreadable.append(line)
    return records, unreadable


def _id_in(line: bytes, start: int) -> bytes:
    """The attempt id as it is written, without reading the line; the whole line where that cannot be told."""
    attempt_id = line[start : line.find(b'"', start + 1)]
    return line if b"\\" in attempt_id else attempt_id


def _worker_of(file: Path) -> str:
    return file.name.removesuffix(SUFFIX).rpartition(".")[0]


def _is_let_go(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # nobody takes it again
    return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
