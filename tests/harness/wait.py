"""Waiting for something that another process does: asked again and again until it holds, or the test fails."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 20.0  # seconds: what takes a moment may take long on a busy machine
_PAUSE = 0.01  # seconds between two looks


def until(what: str, holds: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Raises `AssertionError` where `holds` stays false for `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain: {what}"
        time.sleep(_PAUSE)
