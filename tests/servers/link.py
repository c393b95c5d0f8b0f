"""Two network namespaces with a cable between them: `home`, and `cloud`, to which every packet for the outside goes.

Needs Linux, root, iproute2 and tcpdump. Where that is missing the tests are left out, and say so; with `CI` set that is
a failure. Namespaces of test runs that have died are removed at the next start.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NEW_NET, _NEW_MOUNT = 0x40000000, 0x00020000  # CLONE_NEWNET, CLONE_NEWNS of <linux/sched.h>
_BIND, _PRIVATE, _RECURSIVE = 4096, 1 << 18, 16384  # MS_BIND, MS_PRIVATE, MS_REC of <linux/mount.h>
_PREFIX = "tidegate"
HOME, CLOUD = "home", "cloud"
HOME_ADDRESS, CLOUD_ADDRESS = "198.18.77.1", "198.18.77.2"  # of the range that RFC 2544 keeps for benchmarks
_HARDWARE = {HOME: "02:00:00:00:77:01", CLOUD: "02:00:00:00:77:02"}


def _lacking() -> str | None:
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    missing = [name for name in ("ip", "tcpdump") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed (Debian: apt-get install iproute2 tcpdump)"
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    name = f"{_PREFIX}-trial-{os.getpid()}"
    trial = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if trial.returncode:
        return f"no network namespace may be made here: {trial.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None


class Link:
    """The pair. `packets()` counts what has passed, in both directions, from the start."""

    def __init__(self) -> None:
        self._names = {side: f"{_PREFIX}-{side}-{os.getpid()}" for side in (HOME, CLOUD)}

    def lay(self) -> None:
        for name in self._names.values():
            _ip("netns", "add", name)
            self._in(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        home, cloud = self._names[HOME], self._names[CLOUD]
        ends = [("type", "veth"), ("peer", "name", CLOUD)]
        _ip(
            "-n", home, "link", "add", HOME, "address", _HARDWARE[HOME], *ends[0], *ends[1], "address", _HARDWARE[CLOUD]
        )
        _ip("-n", home, "link", "set", CLOUD, "netns", cloud)
        for side, address, there in ((HOME, HOME_ADDRESS, CLOUD_ADDRESS), (CLOUD, CLOUD_ADDRESS, HOME_ADDRESS)):
            name, other = self._names[side], CLOUD if side == HOME else HOME
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "address", "add", f"{address}/30", "dev", side)
            _ip("-n", name, "link", "set", side, "up")
            # Known for good, so that nobody has to ask: what is counted is what was sent on purpose.
            _ip("-n", name, "neighbour", "add", there, "lladdr", _HARDWARE[other], "dev", side, "nud", "permanent")
        _ip("-n", home, "route", "add", "default", "via", CLOUD_ADDRESS)

    def remove(self) -> None:
        for name in self._names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def packets(self) -> int:
        told = self._in(self._names[HOME], "ip", "-s", "-j", "link", "show", "dev", HOME)
        (interface,) = json.loads(told)
        return int(interface["stats64"]["rx"]["packets"]) + int(interface["stats64"]["tx"]["packets"])

    @contextmanager
    def inside(self, side: str) -> Iterator[None]:
        """What this thread opens and starts belongs to that side; its other threads stay where they are."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self._names[side]}", os.O_RDONLY)
        try:
            _call("setns", there, _NEW_NET)
            try:
                yield
            finally:
                _call("setns", outside, _NEW_NET)
        finally:
            os.close(there)
            os.close(outside)

    def _in(self, name: str, *words: str) -> str:
        return _run("ip", "netns", "exec", name, *words)


def names_are_asked_of(file: Path) -> None:
    """From now on this thread, and what it starts, reads `file` for /etc/resolv.conf. There is no way back."""
    _call("unshare", _NEW_MOUNT)
    _call("mount", b"none", b"/", None, _PRIVATE | _RECURSIVE, None)
    _call("mount", bytes(file), os.fsencode(Path("/etc/resolv.conf").resolve()), None, _BIND, None)


def _call(name: str, *arguments: Any) -> None:
    """A function of the C library's. Raises `OSError`."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def _remove_those_of_the_dead() -> None:
    for line in _run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        number = name.rpartition("-")[2]
        if name.startswith(f"{_PREFIX}-") and number.isdigit() and not Path(f"/proc/{number}").exists():
            _ip("netns", "del", name)


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    reason = _lacking()
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    _remove_those_of_the_dead()
    link = Link()
    try:
        link.lay()
        yield link
    finally:
        link.remove()
