"""Pages of docs/ whose second half a benchmark has written: everything from a line that says so to the end."""

from __future__ import annotations

from pathlib import Path


def put(file: Path, begin: str, text: str) -> None:
    """In the place of what stands in the file from `begin` on. Raises `ValueError` where it does not have that line."""
    kept, mark, _ = file.read_text().partition(begin)
    if not mark:
        raise ValueError(f"{file} has no line {begin}")
    file.write_text(kept + text)
