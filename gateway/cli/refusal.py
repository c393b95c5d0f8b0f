"""Refusal: a command that cannot do what it was asked for says why, in a line on stderr, and ends with status 2."""

from __future__ import annotations

import sys

BAD_INPUT = 2  # as argparse has it


def refuse(command: str, error: object) -> int:
    """Returns the exit status. Of an `OSError` it tells the file and what is wrong with it."""
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        error = reason if error.filename is None else f"{error.filename}: {reason}"
    print(f"tidegate {command}: {error}", file=sys.stderr)
    return BAD_INPUT
