"""Replica: who writes a chain of anchors, and the last one it remembers to have written.

Both stand in the journal directory, out of reach of whoever can only write to the database.
"""

from __future__ import annotations

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
    """Raises `OSError`."""
    unfinished = directory / f"{MARK_FILE}.new"
    unfinished.write_text(f"{mark.number} {mark.hash}\n", "ascii")
    unfinished.chmod(0o600)
    unfinished.replace(directory / MARK_FILE)


def kept_mark(directory: Path) -> dict[str, Mark]:
    """By the replica's name, what it remembers; empty where nobody has written yet. Raises `ConfigurationError`."""
    mark = remembered(directory)
    return {} if mark is None else {replica_of(directory): mark}
