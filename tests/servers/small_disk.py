"""A small disk of its own, to be filled up: a `tmpfs`, which only root may mount, on Linux.

Where that cannot be done the tests are left out, and say so; with `CI` set that is a failure.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

_BALLAST: Final = "ballast"
_PIECE: Final = 1 << 16  # bytes


class SmallDisk:
    """`folder` is on a disk of `megabytes`, and `owner`'s. Raises `OSError` where it cannot be mounted."""

    def __init__(self, megabytes: int, owner: int | None = None) -> None:
        self._disk = Path(tempfile.mkdtemp(prefix="tidegate-disk-"))
        self.folder = self._disk / "folder"
        self._megabytes = megabytes
        self._owner = owner

    def fill(self) -> None:
        """To the last byte."""
        descriptor = os.open(self._disk / _BALLAST, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            for size in (_PIECE, 1):
                while self._write(descriptor, b"\0" * size):
                    pass
        finally:
            os.close(descriptor)

    def clear(self) -> None:
        """There is room again."""
        (self._disk / _BALLAST).unlink(missing_ok=True)

    @staticmethod
    def _write(descriptor: int, data: bytes) -> bool:
        try:
            os.write(descriptor, data)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return False
            raise
        return True

    def __enter__(self) -> Self:
        words = ["mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m,mode=755", "tmpfs", str(self._disk)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            self._disk.rmdir()
            raise OSError(done.returncode, done.stderr.strip())
        self.folder.mkdir(mode=0o700)
        if self._owner is not None:
            os.chown(self.folder, self._owner, -1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "-l", str(self._disk)], capture_output=True, check=True)
        shutil.rmtree(self._disk)


def lacking() -> str | None:
    """Why there can be none here."""
    if os.geteuid() != 0:
        return "only root may mount a small disk"
    try:
        with SmallDisk(1):
            return None
    except OSError as error:
        return f"no disk may be mounted here: {error.strerror}"


def need_disks() -> None:
    reason = lacking()
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
