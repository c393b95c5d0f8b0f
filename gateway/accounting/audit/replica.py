"""Replica: who writes a chain of anchors, and the last one it remembers to have written.

Both stand in the journal directory, out of reach of whoever can only write to the database.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

from gateway.accounting.audit.anchor import Mark
from gateway.config.secretfile import kept_key

NAME_FILE: Final = "replica"
MARK_FILE: Final = "audit.mark"
_NAME: Final = re.compile(r"[0-9a-f]{12}")
_MARK: Final = re.compile(r"([0-9]{1,18}) ([0-9a-f]{64})\s*")


def replica_of(directory: Path) -> str:
    """The name of the replica whose journals are in the directory, made at the first call.

    Raises `ConfigurationError` where it cannot be kept.
    """
    return kept_key(directory / NAME_FILE, lambda: secrets.token_hex(6), _NAME)


def remembered(directory: Path) -> Mark | None:
    """The last anchor that is known to have been written; None where there is none."""
    try:
        match = _MARK.fullmatch((directory / MARK_FILE).read_text("ascii"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return Mark(int(match[1]), match[2]) if match else None  # power was lost while it was written


def remember(directory: Path, mark: Mark) -> None:
    """Raises `OSError`. The file stays whose it was, though somebody else runs a command that moves the lines."""
    descriptor = os.open(directory / MARK_FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(
            descriptor, b"%018d %b\n" % (mark.number, mark.hash.encode()), 0
        )  # always as long, so never a mixture
    finally:
        os.close(descriptor)


def kept_mark(directory: Path) -> dict[str, Mark]:
    """By the replica's name, what it remembers; empty where nobody has written yet. Raises `ConfigurationError`."""
    mark = remembered(directory)
    return {} if mark is None else {replica_of(directory): mark}
