"""If these fail, an operator believes that workers were replaced which were not. The whole: `tests/resilience`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.serving.plate import NAME
from tests.gateway.config.harness import BASE

# A gateway that says of its workers what it is told to.
SAYING = """
import os, signal, sys
from pathlib import Path
said, file = sys.argv[1], Path(sys.argv[2])
signal.signal(signal.SIGUSR2, lambda *_: said and file.write_text(said.replace("PID", str(os.getpid()))))
file.write_text('{"pid": PID}'.replace("PID", str(os.getpid())))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "tidegate.yaml").write_text(BASE)
    (tmp_path / ".tidegate").mkdir()
    return tmp_path / "tidegate.yaml"


@pytest.mark.parametrize(
    ("said", "status", "printed"),
    [
        ('{"pid": PID, "times": 1, "text": "replaced: 2"}', 0, "replaced: 2"),
        ('{"pid": PID, "times": 1, "text": "no memory", "failed": true}', 1, "no memory"),
        ('{"pid": 1}', 1, "ended meanwhile"),
        ("", 1, "not replaced yet"),
    ],
)
def test_what_the_gateway_says_of_it_is_what_is_told(
    file: Path, said: str, status: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [sys.executable, "-c", SAYING, said, str(file.parent / ".tidegate" / NAME), "serve"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gateway:
        assert gateway.stdout is not None
        gateway.stdout.readline()
        timeout = "20" if said else "0.2"
        assert main(["restart", "--config", str(file), "--timeout", timeout]) == status
        gateway.communicate()
    assert printed in capsys.readouterr().out


def test_where_no_gateway_runs_nobody_gets_a_signal(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restart", "--config", str(file)]) == 2
    (file.parent / ".tidegate" / NAME).write_text(f'{{"pid": {os.getpid()}}}')
    before = signal.signal(signal.SIGUSR2, lambda *_: pytest.fail("these tests are no gateway"))
    try:
        assert main(["restart", "--config", str(file)]) == 2
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert "no gateway runs" in capsys.readouterr().err
