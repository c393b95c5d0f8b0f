"""A child left behind loads the machine for whoever measures next; one that is not ours must not be ended."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.load import proc
from bench.load.child import Child, Ports, environment
from tests.harness.wait import until

# Starts a child in a session of its own and says its number.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


def test_all_that_a_child_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child([sys.executable, "-c", PARENT], log=log)
    until("the child says its number", lambda: log.read_text().endswith("\n"))
    grandchild = int(log.read_text())
    assert grandchild in proc.tree(child.pid)
    child.stop()
    until("the grandchild ends", lambda: not proc.text(proc.PROC / str(grandchild) / "smaps_rollup"))
    assert child.ended is not None


def test_a_child_is_bound_to_its_cores() -> None:
    child = Child([sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"], cpus=[0])
    assert child.said(10).strip() == b"{0}"
    child.stop()


def test_no_port_is_handed_out_twice() -> None:
    ports = Ports()
    found = [ports.free() for _ in range(5)]
    assert len(set(found)) == 5


def test_settings_from_outside_do_not_reach_a_system() -> None:
    outer = {
        "PATH": "/bin",
        "HTTPS_PROXY": "http://example.invalid",
        "no_proxy": "*",
        "REDIS_URL": "redis://127.0.0.1",
        "OPENAI_API_KEY": "sk-somebody",
        "TIDEGATE_KEY": "x",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert environment(outer, {"OPENAI_API_KEY": "up"}) == {"PATH": "/bin", "OPENAI_API_KEY": "up"}
