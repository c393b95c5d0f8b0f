"""A disk that is full just when one line of the journal is to be written."""

from __future__ import annotations

import errno
import os

import pytest

from gateway.accounting.record import SETTLED, Role


def full_for(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """No attempt of this role can be settled; everything else is written."""
    write = os.write

    def written(descriptor: int, line: bytes) -> int:
        if line.startswith(SETTLED) and b'"%b"' % role.encode() in line:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, line)

    monkeypatch.setattr(os, "write", written)
