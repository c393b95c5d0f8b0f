"""What the kernel says about processes: their tree, CPU, memory and listening sockets. Reads /proc, changes nothing.

Formats: proc(5). A process that ends while it is read counts as nothing.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")  # per second
_LISTEN = "0A"
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def text(path: Path) -> str:
    """A file of /proc, or nothing if its process is gone or not ours to read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def stat_fields(stat: str) -> list[str]:
    """The fields of /proc/PID/stat from the third (`state`) on; the second, a name, may itself hold brackets."""
    return stat.rpartition(")")[2].split()


def parent(stat: str) -> int:
    return int(stat_fields(stat)[1])


def started(stat: str) -> int:
    """When it was started, in ticks since boot: tells a process from a later one with the same number."""
    return int(stat_fields(stat)[19])


def spent(stat: str) -> float:
    """CPU seconds of all its threads, past ones too, and of its children that ended. Rounded down to ticks."""
    return sum(map(int, stat_fields(stat)[11:15])) / _TICKS


def running(schedstat: str) -> float:
    """CPU seconds of one living thread, from its schedstat: nanoseconds, runnable nanoseconds, slices."""
    fields = schedstat.split()
    return int(fields[0]) / 1e9 if fields else 0.0


def pss_kib(smaps_rollup: str) -> int:
    """The proportional set size: memory shared by n processes counts a n-th for each."""
    found = _PSS.search(smaps_rollup)
    return int(found[1]) if found else 0


def busy_seconds(stat: str) -> float:
    """CPU seconds that the whole machine has worked: all but idle and waiting for I/O, from /proc/stat."""
    fields = [int(field) for field in stat.partition("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS


def listening_inodes(table: str, port: int) -> set[str]:
    """The sockets that listen on a port, from /proc/net/tcp or tcp6."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {row[9] for row in rows if len(row) > 9 and row[3] == _LISTEN and int(row[1].rpartition(":")[2], 16) == port}


def descendants(parents: Mapping[int, int], root: int) -> list[int]:
    """A process and all below it, from a map of process → parent."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for process, above in parents.items():
        children[above].append(process)
    found, rest = [], [root]
    while rest:
        process = rest.pop()
        found.append(process)
        rest += children[process]
    return found


def tree(pid: int) -> list[int]:
    parents = {int(folder.name): parent(stat) for folder, stat in _stats()}
    return descendants(parents, pid)


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and all below it.

    The threads' schedstat counts nanoseconds but forgets threads that ended; `stat` forgets none but counts ticks.
    Both never say too much, so the larger one is the better one.
    """
    return sum(_cpu_of(PROC / str(process)) for process in tree(pid))


def pss_mb(pid: int) -> float:
    """Proportional set size of a process and all below it, in MB (10⁶ bytes)."""
    return sum(pss_kib(text(PROC / str(process) / "smaps_rollup")) for process in tree(pid)) * 1024 / 1e6


def machine_busy() -> float:
    return busy_seconds(text(PROC / "stat"))


def owns(pid: int, port: int) -> bool:
    """Whether a process or one below it listens on a port. A port may be a neighbour's: that one is never loaded."""
    wanted: set[str] = set()
    for table in ("tcp", "tcp6"):
        wanted |= listening_inodes(text(PROC / "net" / table), port)
    return any(inode in wanted for inode in _sockets(tree(pid)))


def model_name() -> str:
    found = re.search(r"^model name\s*: (.+)$", text(PROC / "cpuinfo"), re.MULTILINE)
    return found[1] if found else "unknown"


def _stats() -> Iterator[tuple[Path, str]]:
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (stat := text(folder / "stat")):
            yield folder, stat


def _cpu_of(folder: Path) -> float:
    try:
        threads = list((folder / "task").iterdir())
    except OSError:
        return 0.0
    stat = text(folder / "stat")
    return max(sum(running(text(thread / "schedstat")) for thread in threads), spent(stat) if stat else 0.0)


def _sockets(processes: Iterable[int]) -> Iterator[str]:
    for process in processes:
        try:
            files = list((PROC / str(process) / "fd").iterdir())
        except OSError:
            continue
        for file in files:
            try:
                target = str(file.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                yield target[8:-1]
