"""The embedded model's process goes when nobody needs it any more, however its parent ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.serving import embedded_child
from gateway.serving.embedded_child import Orders

LIMIT = 60.0  # seconds that anything here may take, on a busy machine


PARENT = """
import asyncio, sys
from pathlib import Path
from gateway.serving.embedded import EmbeddedModel

async def main():
    model = EmbeddedModel("small", Path(sys.argv[1]), context=512, slots=1, log=print)
    starting = asyncio.create_task(model.start())
    while model.pid is None:
        await asyncio.sleep(0)
    print(model.pid, flush=True)
    await starting
    print("ready", flush=True)
    await model.supervise()

asyncio.run(main())
"""
# Stands in place of the library: says that loading has begun, and never ends it.
NEVER_LOADED = """
import os, threading
with open(os.environ["BEGUN"], "w") as begun:
    begun.write("loading")
threading.Event().wait()
"""
needs_prctl = pytest.mark.skipif(sys.platform != "linux", reason="relies on prctl")


def ends(process: int) -> bool:
    """Whether the process behind this descriptor ends in time. It is closed."""
    with contextlib.closing(os.fdopen(process)):
        return bool(select.select([process], [], [], LIMIT)[0])


@needs_prctl
def test_it_goes_with_a_parent_that_is_killed(weights: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(weights)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()
    assert ends(child)


@needs_prctl
def test_it_goes_with_a_parent_that_is_killed_while_it_loads(weights: Path, tmp_path: Path) -> None:
    tmp_path.joinpath("xllamacpp.py").write_text(NEVER_LOADED)
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "BEGUN": str(begun)}
    command = [sys.executable, "-c", PARENT, str(weights)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        assert begun.read_text() == "loading"
        parent.kill()
    assert ends(child)


def start_child(weights: Path, parent: int) -> subprocess.Popen[bytes]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", embedded_child.__file__]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    orders = Orders("small", str(weights), port, "key", context=512, slots=1, threads=1, parent=parent)
    child.stdin.write(json.dumps(asdict(orders)).encode() + b"\n")
    child.stdin.flush()
    return child


def test_it_goes_when_its_standard_input_ends(weights: Path) -> None:
    with start_child(weights, os.getpid()) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert set(json.loads(child.stdout.readline())) == {"port"}
        child.stdin.close()
        assert child.wait(LIMIT) == 0


def test_it_does_not_start_for_a_parent_that_has_gone(weights: Path) -> None:
    with start_child(weights, parent=os.getpid() + 1) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b""
        assert child.wait(LIMIT) == 0
