"""Open files of processes, by what they are: connections by whom they are to, everything else by its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from bench.load.proc import PROC, text

_SOCKET: Final = "socket:["
_OTHER: Final = "other sockets"


def open_files(pids: Iterable[int], ports: Mapping[int, str]) -> Counter[str]:
    """`ports`: what is said of a connection that has such a port at either end."""
    sockets = _sockets(text(PROC / "net" / "tcp"), ports)
    found: Counter[str] = Counter()
    for pid in pids:
        for link in _links(pid):
            found[sockets.get(link, _OTHER) if link.startswith(_SOCKET) else _kind(link)] += 1
    return found


def _links(pid: int) -> list[str]:
    links = []
    with suppress(OSError):  # it has ended
        for entry in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                links.append(str(entry.readlink()))
    return links


def _sockets(table: str, ports: Mapping[int, str]) -> dict[str, str]:
    """From /proc/net/tcp, see proc(5): both addresses are the second and third field, the inode the tenth."""
    found = {}
    for line in table.splitlines()[1:]:
        fields = line.split()
        for address in fields[1:3]:
            if (name := ports.get(int(address.rpartition(":")[2], 16))) is not None:
                found[f"{_SOCKET}{fields[9]}]"] = name
    return found


def _kind(link: str) -> str:
    return "files" if link.startswith("/") else link.partition(":")[0]
