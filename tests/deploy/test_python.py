"""If these fail, `make` takes a Python that cannot serve, or one that serves a third slower than another at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "make" / "python.sh"
REAL = Path(sys.executable).resolve()


def interpreter(folder: Path, name: str, *flags: str) -> Path:
    """A Python called `name` in `folder` that runs with `flags`. Returns what it calls itself."""
    own = folder / "own"
    own.mkdir(parents=True)
    python = own / f"of-{name}"
    python.symlink_to(REAL)
    script = folder / name
    script.write_text(f'#!/bin/sh\nexec {python} {" ".join(flags)} "$@"\n')
    script.chmod(0o755)
    return python


def chosen(where: Path, *folders: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (*folders, where / "nowhere")))
    return subprocess.run(
        ["/bin/sh", SCRIPT], cwd=where, env={"PATH": path, **environment}, capture_output=True, text=True, check=False
    )


SLOW = ("-X", "tracemalloc")  # each allocation remembers where it was made


def test_the_quicker_build_is_taken_whatever_its_name(tmp_path: Path) -> None:
    interpreter(tmp_path / "a", "python3.13", *SLOW)
    quick = interpreter(tmp_path / "b", "python3.11")
    assert chosen(tmp_path, tmp_path / "a", tmp_path / "b").stdout == f"{quick}\n"


def test_of_two_that_are_as_quick_the_first_name_is_taken(tmp_path: Path) -> None:
    interpreter(tmp_path / "a", "python3.11", *SLOW)
    first = interpreter(tmp_path / "b", "python3.13", *SLOW)
    assert chosen(tmp_path, tmp_path / "a", tmp_path / "b").stdout == f"{first}\n"


def test_one_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "a" / "python3.13"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    sound = interpreter(tmp_path / "b", "python3")
    assert chosen(tmp_path, tmp_path / "a", tmp_path / "b").stdout == f"{sound}\n"


def test_what_was_asked_for_is_taken(tmp_path: Path) -> None:
    slow = interpreter(tmp_path / "a", "python3.12", *SLOW)
    interpreter(tmp_path / "b", "python3.13")
    told = chosen(tmp_path, tmp_path / "b", PYTHON=str(tmp_path / "a" / "python3.12"))
    assert told.stdout == f"{slow}\n"


@pytest.mark.parametrize("environment", [{}, {"PYTHON": "/bin/false"}])
def test_without_any_it_says_what_to_do(tmp_path: Path, environment: dict[str, str]) -> None:
    told = chosen(tmp_path, **environment)
    assert told.returncode == 1
    assert told.stdout == ""
    assert "3.11 or later" in told.stderr
