"""If these fail, a restart reaches nobody, or a process that is no gateway."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gateway.serving.plate import NAME, Plate, Said, is_running, read
from tests.harness.wait import until


def test_what_stands_there(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    plate = Plate(tmp_path)
    plate.put_up()
    assert read(tmp_path) == Said(os.getpid())
    plate.replaced("two", failed=False)
    plate.replaced("no memory", failed=True)
    assert read(tmp_path) == Said(os.getpid(), 2, "no memory", True)
    plate.take_down()
    assert list(tmp_path.iterdir()) == []


def test_another_gateways_is_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"pid": 1}')
    Plate(tmp_path).take_down()
    assert read(tmp_path) == Said(1)
    (tmp_path / NAME).write_text("half of a fi")
    assert read(tmp_path) is None


def test_only_a_gateway_that_runs_is_one() -> None:
    assert not is_running(Said(os.getpid())), "these tests are no gateway"
    with subprocess.Popen([sys.executable, "-c", "input()", "serve"], stdin=subprocess.PIPE) as other:
        until("it to have been given its words", lambda: is_running(Said(other.pid)))
    assert not is_running(Said(other.pid))
