"""Said: what has been told once, as one process knows it; in a file too, so that a restart tells nothing again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

_MOST_KEPT = 10_000  # of the events of a period; at 70 bytes a line, some 700 KB on the disk
_log = logging.getLogger(__name__)


class Said:
    """Each until its time is over. `wall` gives seconds since the epoch.

    Processes that share `file` read at their start what the others wrote before. One that cannot be read or written
    costs a log line, and what is told twice after a restart.
    """

    def __init__(self, wall: Callable[[], float], file: Path | None = None) -> None:
        self._wall = wall
        self._file = file
        self._until: dict[str, int] = {}
        if file is not None:
            self._read(file)

    def __contains__(self, what: str) -> bool:
        until = self._until.get(what)
        return until is not None and until > self._wall()

    def add(self, what: str, ttl: int) -> None:
        """For `ttl` seconds from now."""
        until = int(self._wall()) + ttl
        self._until[what] = until
        if len(self._until) > _MOST_KEPT:
            self._forget()
        self._write(what, until)

    def left(self) -> dict[str, int]:
        """All that is still known, and for how many more seconds."""
        now = self._wall()
        return {what: int(until - now) for what, until in self._until.items() if until - now >= 1}

    def _forget(self) -> None:
        """What is over, and where that is not enough the oldest."""
        now = self._wall()
        kept = [(what, until) for what, until in self._until.items() if until > now]
        self._until = dict(kept[-_MOST_KEPT:])

    def _read(self, file: Path) -> None:
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            _log.warning("what was told before cannot be read: %s", error.strerror, extra={"file": str(file)})
            return
        for line in lines:
            what, until = _entry(line)
            if until > self._wall():
                self._until[what] = until
        if len(lines) > _MOST_KEPT:
            self._forget()
            self._write_anew(file)

    def _write(self, what: str, until: int) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(_line(what, until))  # one write below a page: lines of several processes do not mix
        except OSError as error:
            _log.warning("what was told cannot be noted: %s", error.strerror, extra={"file": str(self._file)})

    def _write_anew(self, file: Path) -> None:
        new = file.with_name(f"{file.name}.new")
        try:
            new.write_text("".join(_line(what, until) for what, until in self._until.items()), encoding="utf-8")
            new.replace(file)
        except OSError as error:
            _log.warning("what was told cannot be noted: %s", error.strerror, extra={"file": str(file)})


def _line(what: str, until: int) -> str:
    return json.dumps([what, until]) + "\n"


def _entry(line: str) -> tuple[str, int]:
    """Over long ago where the line is none, for instance since the process was killed while it wrote it."""
    try:
        match json.loads(line):
            case [str(what), int(until)]:
                return what, until
    except ValueError:
        pass
    return "", 0
