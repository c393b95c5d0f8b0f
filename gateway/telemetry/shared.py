"""Shared metrics: the files in which several workers keep their numbers, as their parent sees them.

`metrics.py` reads and writes them. The parent keeps no numbers, so prometheus_client is loaded when a worker has died.
"""

from __future__ import annotations

from pathlib import Path


def prepare(directory: Path) -> dict[str, str]:
    """For the parent of several workers: empties `directory` of an earlier run; returns the workers' environment."""
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob("*.db"):
        left.unlink(missing_ok=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(directory)}


def forget(pid: int, directory: Path) -> None:
    """For the parent, when worker `pid` has ended: drops its gauges. What it counted stays in the sums."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]
