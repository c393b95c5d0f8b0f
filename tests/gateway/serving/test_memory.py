"""If these fail, a worker keeps for life what it needed for a moment, or stands still to look through what it keeps."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import gc, platform, re
from gateway.serving.memory import settle

def resident():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmRSS:\\s+(\\d+) kB", status.read())[1]) // 1024

before = resident()
blocks = [bytes(4096) for _ in range(16384)]
kept = blocks[::64]
del blocks
held = resident()
settle()
print(held - before, resident() - before, gc.get_freeze_count(), len(kept), platform.libc_ver()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_was_freed_goes_back_and_what_stays_is_left_alone() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    held, left, frozen = map(int, said[:3])
    assert frozen > 5_000  # objects; a bare interpreter has more
    assert held > 50  # MB: else there was nothing to give back
    assert left < held / 4 or said[4] != "glibc"
