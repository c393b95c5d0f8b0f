"""How many threads a model may compute with.

One processor is left to the gateway. llama.cpp's threads wait for one another after every layer, so a single one that
has to share its processor holds up all: SmolLM2-135M on two busy processors wrote 3 to 6 tokens a second with two
threads, and 35 to 50 with one (on two idle ones 97 and 54).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def model_threads(*, proc: Path = Path("/proc/self"), sys_: Path = Path("/sys")) -> int:
    """At least 1. `proc` and `sys_` are where Linux tells about this process and about the machine."""
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    limits = [usable, *_quota(proc, sys_ / "fs/cgroup")]
    return max(1, min([*(int(limit) - 1 for limit in limits), *_cores(sys_ / "devices/system/cpu")]))


def _quota(proc: Path, cgroups: Path) -> list[float]:
    """Processors' worth of time that control groups allow, a container's CPU limit for one: cgroup v2, `cpu.max`."""
    try:
        own = next(line[3:] for line in (proc / "cgroup").read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return []
    group = cgroups / own.lstrip("/")
    allowed = []
    for directory in (group, *group.parents):
        if not directory.is_relative_to(cgroups):
            break
        try:
            quota, period = (directory / "cpu.max").read_text().split()
        except (OSError, ValueError):
            continue
        if quota != "max":
            allowed.append(int(quota) / int(period))
    return allowed


def _cores(cpus: Path) -> list[int]:
    """How many cores there are: the two hyper-threads of one compute no faster than one does."""
    siblings = set()
    for file in cpus.glob("cpu[0-9]*/topology/thread_siblings_list"):
        try:
            siblings.add(file.read_text())
        except OSError:
            continue
    return [len(siblings)] if siblings else []
